# bash completion for larder. The tool itself tells its commands, options and segments.
_larder() {
  local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]:-} words=
  if [[ $COMP_CWORD -eq 1 ]]; then
    words=$(larder complete commands 2>/dev/null)
  elif [[ $current == -* ]]; then
    words=$(larder complete "$command" 2>/dev/null)
  elif [[ $command == help && $COMP_CWORD -eq 2 ]]; then
    words=$(larder complete commands 2>/dev/null)
  elif [[ $command == histogram && $COMP_CWORD -eq 3 ]]; then
    words='ttl age size'
  elif [[ $COMP_CWORD -eq 2 || $command == rm ]] && [[ $current != */* ]]; then
    words=$(larder complete segments 2>/dev/null)
  else
    COMPREPLY=()
    compopt -o default
    return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _larder larder
