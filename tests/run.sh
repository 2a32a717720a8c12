#!/usr/bin/env bash
# Builds larder and runs its tests: the one command to know whether it works on this machine.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/run.sh [--quick]

Installs what is missing (tests/setup.sh), builds the `dev` preset in build/dev (all assertions on) and runs the tests.
  --quick   leave out the long ones: crash, stress, soak, install
EOF
}

left_out='bench'
case ${1:-} in
  --help | -h) usage && exit ;;
  --quick) left_out='bench|crash|stress|soak|install' ;;
  '') ;;
  *) usage >&2 && exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")/.."
step='setting up'
trap '[[ $? -eq 0 ]] || echo "tests/run.sh: FAILED while $step" >&2' EXIT

tests/setup.sh build

step='building'
echo "== building (preset dev)"
cmake --preset dev --log-level=NOTICE
cmake --build --preset dev

step='testing'
echo "== testing (all labels but $left_out)"
ctest --preset dev --parallel "$(nproc)" --label-exclude "^($left_out)\$"

echo "tests/run.sh: PASSED in $SECONDS s"
