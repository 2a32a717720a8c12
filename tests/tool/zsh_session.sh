#!/usr/bin/env bash
# The completion script for zsh, in a zsh at which somebody types.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

# shellcheck source=session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"

# completes LINE WANTED: the line, typed and followed by a tab, becomes WANTED.
completes() {
  in_tmux send-keys -t "$name" C-u C-l "$1" Tab
  shows "% $2"
}

begin 'Completion in zsh: commands, options, segments and what histogram takes.' zsh zsh "$@"
if ! command -v tmux >/dev/null; then echo "$name: SKIPPED: tmux is not installed" && exit 77; fi
"$larder" create "$segment" --capacity 1MiB
call_by_name
cat >"$directory/.zshrc" <<EOF
PROMPT='%% '
fpath=($completions \$fpath)
autoload -U compinit
compinit -u -d $directory/dump
EOF
in_tmux -f /dev/null new-session -d -s "$name" -x 120 -y 30 env ZDOTDIR="$directory" HOME="$directory" zsh -d -i
shows '%'
completes 'larder du' 'larder dump'
completes 'larder help hist' 'larder help histogram'
completes "larder dump ${segment::-2}" "larder dump $segment"
completes "larder rm other ${segment::-2}" "larder rm other $segment"
completes "larder dump $segment --keys-" "larder dump $segment --keys-only"
completes "larder histogram $segment si" "larder histogram $segment size"
pass
