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

# Shows that something goes on, for as long as this script lives: on a terminal
# a line that changes, elsewhere a line every half minute.
_ticker() {
  local title=$1 log=$2 begun=$SECONDS columns=100 head last
  [[ -t 1 ]] && columns=$(tput cols 2>/dev/null || echo 80)
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    [[ -t 1 ]] || (((SECONDS - begun) % 30 == 0)) || continue
    last=$(tail -c 400 "$log" | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]')
    head="  $title … $(duration $((SECONDS - begun)))  "
    [[ -t 1 ]] && printf '\r\033[K'
    printf '%s%.*s' "$head" $((columns > ${#head} ? columns - ${#head} : 0)) "$last"
    [[ -t 1 ]] || echo
  done
}

# step NAME TITLE COMMAND...: runs a command that takes its time. Its output
# goes to build/logs/NAME.log, whose end is shown if it fails. With
# beside=true, which is for what runs in the background, only its end is told.
step() {
  local name=$1 title=$2 log=$log_dir/$1.log begun=$SECONDS ticker='' status=0
  shift 2
  mkdir -p "$log_dir"
  : >"$log"
  if [[ ${beside:-} != true ]]; then
    _ticker "$title" "$log" &
    ticker=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [[ $ticker ]]; then
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
  fi
  [[ ! -t 1 ]] || printf '\r\033[K'
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

# usage: the comment at the head of the script, as its help.
usage() {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
}
