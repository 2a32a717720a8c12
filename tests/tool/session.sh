# shellcheck shell=bash
# The frame of this folder's scripts, which look at the tool as its users do: what they accept, a directory and a segment
# of their own that are gone at the end, and how they tell what came of it. A script sources this and calls
#
#   begin WHAT PACKAGE PROGRAMS "$@"     WHAT is tried, in a sentence; PACKAGE has one of these PROGRAMS, then "$program"
#
# It may define at_end(), which puts away what else there is. Where a terminal is needed, in_tmux() is one.
set -euo pipefail
name=$(basename "$0" .sh)
directory=
segment=larder-$name-$$
about=
package=
program=

usage() {
  cat <<TEXT
Usage: tests/tool/$name.sh [--install] [--quick] LARDER

$about
LARDER is the path of the tool. Exit code 77: $package is not installed.
  --install   install it first if it is missing, with apt-get (as root, or by sudo)
  --quick     the same: there is nothing long in it
TEXT
}

as_root() { if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi; }

# find_program NAME...: the first that is there.
find_program() {
  local each
  for each in "$@"; do
    if program=$(command -v "$each"); then return; fi
  done
  return 1
}

clean_up() {
  if declare -F at_end >/dev/null; then at_end; fi
  if [[ -n $directory ]]; then
    if [[ -e $directory/tmux ]]; then in_tmux kill-server 2>/dev/null || true; fi
    "$larder" rm --force "$segment" 2>/dev/null || true
    rm -rf "$directory"
  fi
}

begin() {
  local install=false programs
  about=$1
  package=$2
  read -ra programs <<<"$3"
  shift 3
  while [[ ${1:-} == -* ]]; do
    case $1 in
      --help | -h) usage && exit ;;
      --install) install=true ;;
      --quick) ;;
      *) usage >&2 && exit 2 ;;
    esac
    shift
  done
  if [[ $# -ne 1 ]]; then usage >&2 && exit 2; fi
  larder=$(realpath "$1")
  if $install && ! find_program "${programs[@]}"; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
  fi
  if ! find_program "${programs[@]}"; then
    echo "$name: SKIPPED: $package is not installed; tests/tool/$name.sh --install installs it"
    exit 77
  fi
  export program
  directory=$(mktemp -d)
  trap clean_up EXIT
}

fail() {
  echo "$name: FAILED: $1"
  exit 1
}

# The tool by its name, as the completions call it, and where these are.
call_by_name() {
  ln -s "$larder" "$directory/larder"
  export PATH=$directory:$PATH
  completions=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../src/tool/completion")
  export completions
}

in_tmux() { tmux -S "$directory/tmux" "$@"; }
screen() { in_tmux capture-pane -p -t "$name"; }

# shows TEXT: waits until the terminal does.
shows() {
  for _ in $(seq 100); do
    if screen | grep -qF -- "$1"; then return; fi
    sleep 0.1
  done
  echo "The screen was:"
  screen || true
  fail "it does not show '$1'"
}

pass() { echo "$name: PASSED"; }
