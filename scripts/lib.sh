# shellcheck shell=bash
# What the scripts share. To be sourced, after `set -euo pipefail`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv_dir=${HEARTH_VENV_DIR:-$root/.venv}
log_dir=$root/build/logs

say() {
  printf '%s\n' "$*"
}

# Ends the script with a line or two for a person.
die() {
  printf '\n%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

# seconds -> "42s", "3m05s"
duration() {
  if (($1 < 60)); then
    printf '%ds' "$1"
  else
    printf '%dm%02ds' $(($1 / 60)) $(($1 % 60))
  fi
}

# Shows that something goes on for as long as this script lives: on a terminal
# a line that changes, elsewhere a line every half minute.
_ticker() {
  local title=$1 log=$2 begun=$SECONDS width last
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    if [[ -t 1 ]]; then
      width=$(($(tput cols 2>/dev/null || echo 80) - ${#title} - 14))
      last=$(tail -c 400 "$log" 2>/dev/null | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]')
      printf '\r\033[K  %s … %s  %.*s' "$title" \
        "$(duration $((SECONDS - begun)))" $((width > 0 ? width : 0)) "$last"
    elif (((SECONDS - begun) % 30 == 0)); then
      say "  $title … $(duration $((SECONDS - begun)))"
    fi
  done
}

# step NAME TITLE COMMAND...: runs a command that takes its time. Its output
# goes to build/logs/NAME.log, whose end is shown if it fails.
step() {
  local name=$1 title=$2 log=$log_dir/$1.log begun=$SECONDS ticker status=0
  shift 2
  mkdir -p "$log_dir"
  : >"$log"
  _ticker "$title" "$log" &
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [[ -t 1 ]] && printf '\r\033[K'
  if ((status != 0)); then
    say "  $title: failed after $(duration $((SECONDS - begun))). The end of build/logs/$name.log:"
    tail -n 40 "$log" | sed 's/^/    | /'
    return "$status"
  fi
  say "  $title: done in $(duration $((SECONDS - begun)))"
}

# retry N COMMAND...: for mirrors that have a bad moment.
retry() {
  local left=$1
  shift
  until "$@"; do
    ((--left > 0)) || return 1
    say "trying again in 5 s ($left left): $*"
    sleep 5
  done
}

# spark_home NAME: where the distribution of a virtual environment lies, e.g.
# spark_home spark-3.5; nothing if it is not there.
spark_home() {
  local dir
  for dir in "$venv_dir/$1"/lib/python3*/site-packages/pyspark; do
    [[ -d $dir/jars ]] && printf '%s\n' "$dir" && return 0
  done
  return 1
}
