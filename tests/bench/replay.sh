#!/usr/bin/env bash
# Builds the replay program and measures miss ratios on access traces: tests/bench/README.md tells more.
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: tests/bench/replay.sh [option...] [TRACE...]

Builds the preset "bench" in build/bench, proves the replay program by FIFO and LRU, and replays each TRACE against larder.
Without a TRACE: the one that comes with larder, examples/data/orm-busy-1m.csv.zst.

  --quick            only 10 % of the trace's bytes as the capacity, without the proof
  --no-proof         replay traces, too, of which no miss ratios of FIFO and LRU are known
  --percent P,P...   capacities in percent of the bytes of all keys and values (default 1,10,20)
  --capacity BYTES   one capacity in bytes instead
  --help             this text

A trace is a zstd-compressed CSV file with the columns time,key,value_size,op,ttl.
EOT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
prove=(--prove)
arguments=()
traces=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --help | -h) usage && exit ;;
    --quick) prove=() && arguments+=(--percent 10) ;;
    --no-proof) prove=() ;;
    --percent | --capacity)
      [[ $# -gt 1 ]] || { echo "replay.sh: $1 wants a value" >&2 && exit 2; }
      arguments+=("$1" "$2") && shift
      ;;
    -*) echo "replay.sh: unknown option '$1'" >&2 && usage >&2 && exit 2 ;;
    *) traces+=("$(realpath "$1")") ;;
  esac
  shift
done
if [[ ${#traces[@]} -eq 0 ]]; then traces=("$root/examples/data/orm-busy-1m.csv.zst"); fi

cd "$root"
step='setting up'
trap '[[ $? -eq 0 ]] || echo "tests/bench/replay.sh: FAILED while $step" >&2' EXIT
tests/setup.sh demo

step='building'
echo "== building (preset bench)"
cmake --preset bench --log-level=NOTICE
cmake --build --preset bench --target larder_replay

step='replaying'
echo "== replaying"
build/bench/tests/bench/larder_replay --check "${prove[@]}" "${arguments[@]}" "${traces[@]}"

echo "tests/bench/replay.sh: PASSED in $SECONDS s"
