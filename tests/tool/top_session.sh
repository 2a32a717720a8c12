#!/usr/bin/env bash
# larder top in a real terminal.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

# shellcheck source=session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"

begin 'A session with larder top in tmux: it draws what it should, follows changes of size, and q ends it.' \
  tmux tmux "$@"
"$larder" create "$segment" --capacity 4MiB
for i in $(seq 20); do "$larder" put "$segment" "key$i" "value$i"; done

in_tmux -f /dev/null new-session -d -s "$name" -x 100 -y 30 "$larder top $segment; echo ended with \$?; sleep 60"
for part in "larder top  $segment" '20 items' 'gets ' 'hits ' 'ns a look-up' '[#' 'HOTTEST KEYS' 'PINS' 'q quits'; do
  shows "$part"
done
for size in '60 12' '20 5' '160 50'; do
  in_tmux resize-window -t "$name" -x "${size% *}" -y "${size#* }"
  shows 'q quits'
done
shows 'HOTTEST KEYS'
in_tmux send-keys -t "$name" q
shows 'ended with 0'
pass
