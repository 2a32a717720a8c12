#!/usr/bin/env bash
# Runs clang-tidy, as .clang-tidy says, over the library, the tool and the daemon.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/tidy.sh [--today | FILE...]

Configures a build with Clang in build/clang and runs clang-tidy over the given sources, or all of the library, the tool and
the daemon: seven minutes on two cores.
  --today   a sixth of them, another one each day
Exit status: 0 if nothing was found, 1 if something was, 2 for a wrong command line.
EOF
}

share=1
case ${1:-} in
  --help | -h) usage && exit ;;
  --today) share=6 && shift ;;
  -*) usage >&2 && exit 2 ;;
esac
if [[ $share -gt 1 && $# -gt 0 ]]; then usage >&2 && exit 2; fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ $# -gt 0 ]]; then
  files=("$@")
else
  mapfile -t files < <(find src daemon -name '*.cpp' | sort | awk -v n="$share" -v day=$(($(date +%s) / 86400)) \
    'NR % n == day % n')
fi

cmake --preset clang --log-level=NOTICE
printf 'clang-tidy: %d files\n' "${#files[@]}"
# It counts on the standard error what it does not show.
if printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -n 1 clang-tidy -p build/clang --quiet \
  2> >(grep -v ' warnings\? generated' >&2); then
  printf 'tests/tidy.sh: PASSED\n'
else
  printf 'tests/tidy.sh: FAILED; what was found stands above\n'
  exit 1
fi
