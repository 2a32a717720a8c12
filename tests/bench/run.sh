#!/usr/bin/env bash
# Builds the benchmarks and runs them: tests/bench/README.md tells how to read what they print.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/bench/run.sh [option...]

Builds the preset "bench" in build/bench and measures larder beside the least that any such cache must do, and beside a
private hash map. A full run takes up to ten minutes and 6 GiB of memory, and wants a machine that does nothing else.

  --quick            a smoke test of less than a minute (after the build): small, few rounds
  --filter REGEX     only series whose name matches, e.g. 'get zipf/1M', 'attach', 'latency'
  --pages 4k|2m      page size of the shared memory (default 2m, where the kernel has them)
  --rounds N         rounds per comparison (default 9, quick 3)
  --memory-limit N   leave out what would need more than N GiB (default 6)
  --json FILE        write every round of every series to FILE
  --help             this text

Fails if a value that was read was wrong, never because something was slow.
EOF
}

for argument in "$@"; do
  case $argument in
    --help | -h) usage && exit ;;
  esac
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$PWD

# A file is named from where the caller stands.
arguments=()
while [[ $# -gt 0 ]]; do
  if [[ $1 == --json && $# -gt 1 && $2 != /* ]]; then
    arguments+=(--json "$here/$2")
    shift 2
  else
    arguments+=("$1")
    shift
  fi
done

cd "$root"
step='setting up'
trap '[[ $? -eq 0 ]] || echo "tests/bench/run.sh: FAILED while $step" >&2' EXIT
tests/setup.sh build

step='building'
echo "== building (preset bench)"
cmake --preset bench --log-level=NOTICE
cmake --build --preset bench --target larder_bench

step='measuring'
echo "== measuring"
build/bench/tests/bench/larder_bench "${arguments[@]}"

echo "tests/bench/run.sh: PASSED in $SECONDS s"
