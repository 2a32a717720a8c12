#!/usr/bin/env bash
# Fuzzes the tool's looks at damaged segments with libFuzzer, and AddressSanitizer and UndefinedBehaviorSanitizer to tell.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: tests/tool/fuzz/run.sh [--quick | --runs N]

Builds the fuzzer with Clang in build/fuzz and runs it on what is kept in tests/tool/fuzz/regressions, then N times on new
inputs (1,000,000). An input that breaks the tool is written to build/fuzz; keep it in tests/tool/fuzz/regressions.
  --quick   20,000 runs
LARDER_FUZZ_DIR names another directory to build in.
TEXT
}

runs=1000000
case ${1:-} in
  --help | -h) usage && exit ;;
  --quick) runs=20000 ;;
  --runs) runs=${2:?--runs needs a number} ;;
  '') ;;
  *) usage >&2 && exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
if ! command -v clang++ >/dev/null; then
  echo "fuzz: SKIPPED: clang++ is not installed; tests/setup.sh ci installs it"
  exit 77
fi
build=${LARDER_FUZZ_DIR:-build/fuzz}
# Twice as fast without tracing of comparisons. Faster again without the stacks of allocations, which an input that breaks
# something can be run again with, and with a quarantine that the processor's cache has room for.
coverage='-fsanitize-coverage=inline-8bit-counters,pc-table,indirect-calls'
cheap=malloc_context_size=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=64:max_malloc_fill_size=0:detect_leaks=0
export ASAN_OPTIONS=${ASAN_OPTIONS:-$cheap}

echo "== building"
cmake -S . -B "$build" -G Ninja --log-level=NOTICE \
  -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG='-O2 -g1' \
  -DCMAKE_CXX_FLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all $coverage" \
  -DLARDER_BUILD_EXAMPLES=OFF -DLARDER_BUILD_BENCH=OFF -DLARDER_BUILD_DAEMON=OFF
cmake --build "$build" --target larder_tool_fuzz

mkdir -p "$build/corpus"
kept=(tests/tool/fuzz/regressions/*)
if [[ -e ${kept[0]} ]]; then
  echo "== ${#kept[@]} kept inputs"
  "$build/tests/tool/larder_tool_fuzz" "${kept[@]}"
fi
echo "== $runs runs"
"$build/tests/tool/larder_tool_fuzz" -runs="$runs" -timeout=20 -rss_limit_mb=2048 -max_len=256 -print_final_stats=1 \
  -verbosity=0 -artifact_prefix="$build/" "$build/corpus"
echo "fuzz: PASSED: $runs runs in $SECONDS s"
