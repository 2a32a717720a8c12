#!/usr/bin/env bash
# A session with `larder top` in a real terminal (tmux): it draws, follows a change of size, and q ends it.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: tests/tool/top_session.sh [--quick] LARDER

LARDER is the path of the tool. Exit code 77: tmux is not there.
  --quick   the same: there is nothing long in it
TEXT
}

case ${1:-} in
  --help | -h) usage && exit ;;
  --quick) shift ;;
  '') usage >&2 && exit 2 ;;
esac
larder=$(realpath "$1")

if ! command -v tmux >/dev/null; then
  echo "top_session: SKIPPED: tmux is not installed"
  exit 77
fi

segment="larder-top-session-$$"
session="larder-top-$$"
directory=$(mktemp -d)
socket="$directory/tmux"
in_tmux() { tmux -S "$socket" "$@"; }
cleanup() {
  in_tmux kill-server 2>/dev/null || true
  "$larder" rm --force "$segment" 2>/dev/null || true
  rm -rf "$directory"
}
trap cleanup EXIT

fail() {
  echo "top_session: FAILED: $1; the screen was:"
  in_tmux capture-pane -p -t "$session" || true
  exit 1
}

# shows TEXT: waits until the screen does.
shows() {
  for _ in $(seq 100); do
    if in_tmux capture-pane -p -t "$session" | grep -qF -- "$1"; then return; fi
    sleep 0.1
  done
  fail "it does not show '$1'"
}

"$larder" create "$segment" --capacity 4MiB
for i in $(seq 20); do "$larder" put "$segment" "key$i" "value$i"; done

in_tmux -f /dev/null new-session -d -s "$session" -x 100 -y 30 "$larder top $segment; echo ended with \$?; sleep 60"
shows "larder top  $segment"
shows "20 items"
shows "HOTTEST KEYS"
shows "ns a look-up"
shows "q quits"
for size in "60 12" "20 5" "160 50"; do
  in_tmux resize-window -t "$session" -x "${size% *}" -y "${size#* }"
  shows "q quits"
done
shows "HOTTEST KEYS"
in_tmux send-keys -t "$session" q
shows "ended with 0"
echo "top_session: PASSED"
