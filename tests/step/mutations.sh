#!/usr/bin/env bash
# Do the single-step tests see what they are there for? Builds the library with the seeded bugs of
# src/platform/seeded_bug.hpp and runs the tests with one bug after the other: each must be caught.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/step/mutations.sh [--quick] [--build-dir DIR] [NAME...]

  NAME...           only these bugs, by their names in src/platform/seeded_bug.hpp
  --build-dir DIR   where to build (default: build/mutations)
  --quick           only four of them
Exit status: 0 if every bug was caught, and nothing was found where there is none.
EOF
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/mutations
quick=
chosen=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --help | -h) usage && exit ;;
    --quick) quick=1 && shift ;;
    --build-dir) build=$(realpath -m "$2") && shift 2 ;;
    -*) usage >&2 && exit 2 ;;
    *) chosen+=("$1") && shift ;;
  esac
done
if [[ -n $quick && ${#chosen[@]} -eq 0 ]]; then
  chosen=(taken_out_without_hint replaced_through_nothing recovery_forgets_pins recovery_clears_hint_first)
fi

# "number name" of each bug.
bugs() { sed -nE 's/^  ([a-z_]+) = ([0-9]+),.*/\2 \1/p' "$root/src/platform/seeded_bug.hpp"; }

is_chosen() {
  local name
  [[ ${#chosen[@]} -eq 0 ]] && return
  for name in "${chosen[@]}"; do [[ $name == "$1" ]] && return; done
  return 1
}

"$root/tests/setup.sh"
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE='-O2' \
  -DCMAKE_CXX_FLAGS=-DLARDER_SEEDED_BUGS=1 -DLARDER_BUILD_BENCH=OFF -DLARDER_BUILD_EXAMPLES=OFF >/dev/null
echo '-- building'
cmake --build "$build" --target larder_step_tests | tail -n 1

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# run_tests <option>...: with the bug LARDER_SEEDED_BUG; 0 if they find nothing, else caught_by is the row and the place.
caught_by=
run_tests() {
  timeout 3600 "$build/tests/larder_step_tests" --first "$@" >"$log" 2>&1 </dev/null && return
  caught_by=$(sed -nE 's/^(.*, (dead at|nobody was killed).*):$/\1/p; s/^(.*: a victim.*)$/\1/p' "$log" | head -n 1)
  caught_by=${caught_by:-"$(tail -n 1 "$log")"}
  return 1
}

if ! LARDER_SEEDED_BUG=0 run_tests; then
  echo "mutations.sh: FAILED: something is found where there is no bug: $caught_by" >&2
  exit 1
fi
printf '%-32s %s\n' 'no bug' 'nothing is found'
count=0
missed=0
while read -r number name; do
  is_chosen "$name" || continue
  count=$((count + 1))
  if LARDER_SEEDED_BUG=$number run_tests --places 400 --states 6; then
    caught_by='NOT CAUGHT'
    missed=$((missed + 1))
  fi
  printf '%-32s %s\n' "$name" "$caught_by"
done < <(bugs)
if [[ $missed -ne 0 || $count -eq 0 ]]; then
  echo "mutations.sh: FAILED: $missed of $count bugs were not caught" >&2
  exit 1
fi
echo "mutations.sh: all $count bugs were caught"
