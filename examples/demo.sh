#!/usr/bin/env bash
# The demonstration, from a fresh machine to the table: installs what is missing, builds, runs.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: examples/demo.sh [--quick] [--help] [-- OPTIONS]

Shows on a real access trace what several worker processes gain from one shared cache in place of a private one in each:
installs what is missing (Debian packages, as root or by sudo), builds the release preset, and serves the trace from an
SQLite file with both; larderd, the daemon, looks after the shared one meanwhile. Ends with a table, what the daemon did, and
a line that starts with "result:".

  --quick   serve only the first 200,000 of the 1,000,000 requests
  --help    print this
  --        what follows goes to the demonstration itself (build/release/examples/larder_demo --help)

A second run builds nothing and takes only as long as the demonstration. Exit status 0: it served every value right, and
larder read the origin less often.
EOF
}

step() { printf '\n==> %s\n' "$*"; }

# configure <log>: its output is of interest only when it fails.
configure() {
  mkdir -p "$(dirname "$1")"
  if ! cmake --preset release >"$1" 2>&1; then
    cat "$1" >&2
    echo "demo.sh: CMake could not configure the build; its output is above and in $1" >&2
    return 1
  fi
}

demo_options=()
while (($# > 0)); do
  case $1 in
    --quick) demo_options+=(--quick) ;;
    --help)
      usage
      exit 0
      ;;
    --)
      shift
      demo_options+=("$@")
      break
      ;;
    *)
      echo "demo.sh: unknown option '$1'; see --help" >&2
      exit 2
      ;;
  esac
  shift
done

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

step "Looking for what is missing"
tests/setup.sh demo

step "Building larder, its daemon and the demonstration (build/release)"
configure build/release/configure.log
cmake --build build/release --target larder_demo

step "Running the demonstration"
exec build/release/examples/larder_demo "${demo_options[@]}"
