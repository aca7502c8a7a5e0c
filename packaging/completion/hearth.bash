# bash completion of hearth
_hearth() {
  local line=${COMP_LINE:0:COMP_POINT} words current word done
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=${words[-1]}
  # Bash replaces only what stands behind the last of these.
  done=${current%"${COMP_WORDS[COMP_CWORD]}"}
  [[ ${COMP_WORDS[COMP_CWORD]} == [=:] ]] && done=$current
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    if [[ $word == :file ]]; then
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
    elif [[ $word == "$current"* ]]; then
      COMPREPLY+=("${word#"$done"}")
    fi
  done < <("$1" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _hearth hearth
