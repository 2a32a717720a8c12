#!/usr/bin/env bash
# The completion script for bash, in a bash that has sourced it.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

# shellcheck source=session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"

# offers WANTED WORD...: completing the last word of the line `larder WORD...` offers WANTED.
offers() {
  local wanted=$1
  shift
  COMP_WORDS=(larder "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  _larder
  if [[ " ${COMPREPLY[*]} " != *" $wanted "* ]]; then fail "'larder $*' offers '${COMPREPLY[*]}' and not '$wanted'"; fi
}

begin 'Completion in bash: commands, options, segments and what histogram takes.' \
  bash bash "$@"
"$larder" create "$segment" --capacity 1MiB
call_by_name
# shellcheck source=/dev/null
source "$completions/larder.bash"
offers dump du
offers histogram help his
offers "$segment" dump "${segment:0:12}"
offers "$segment" rm other "${segment:0:12}"
offers --keys-only dump "$segment" --ke
offers size histogram "$segment" si
pass
