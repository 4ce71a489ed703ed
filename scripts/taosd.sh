#!/usr/bin/env bash
# Starts, stops and shows one taosd on a host without systemd (or in a folder of your own).
#
#   scripts/taosd.sh start|stop|restart|status [-c folder of taos.cfg]        (default /etc/taos)
#
# start waits until taosd answers and ends with 1, and the last lines of its output, if it does not.
# stop sends TERM, waits up to a minute, then KILL: what was acknowledged is in the log either way.
# status ends with 0 when it runs, with 3 when it does not.
set -euo pipefail
START_LIMIT_S=60
STOP_LIMIT_S=65 # taosd cuts its own stop off after 60
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }
action=${1:-}
[ $# -eq 0 ] || shift
config=/etc/taos
while [ $# -gt 0 ]; do
  case $1 in
    -c) config=${2:?-c needs a folder}; shift ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
file=$config
[ ! -d "$config" ] || file=$config/taos.cfg
# The last line that sets a parameter, whatever the case of its name; else the second word.
setting() {
  local value=''
  [ ! -e "$file" ] || value=$(awk -v name="$1" 'tolower($1) == tolower(name) { value = $2 } END { print value }' "$file")
  printf '%s\n' "${value:-$2}"
}
log_dir=$(setting logDir /var/log/taos)
port=$(setting serverPort 6030)
fqdn=$(setting fqdn "$(hostname -f 2>/dev/null || hostname)")
pid_file=$log_dir/taosd.pid
output=$log_dir/taosd.out
taosd=$(dirname "$(readlink -f "$0")")/taosd                                            # installed beside us
[ -x "$taosd" ] || taosd=$(dirname "$(readlink -f "$0")")/../node_modules/.bin/taosd    # a checkout

# The process that start left, if it still is a taosd: numbers of processes are used again.
running() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  [ -n "$pid" ] && { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q taosd && echo "$pid"
}
# Asks taosd itself over REST, `healthy` (it runs) or `ready` (it answers statements); no other program is needed.
answers() {
  local line=''
  { exec 3<>"/dev/tcp/$fqdn/$((port + 11))"; } 2>/dev/null || return 1
  printf 'GET /-/%s HTTP/1.0\r\n\r\n' "$1" >&3 2>/dev/null && read -r -t 2 line <&3
  exec 3<&- 3>&-
  [[ $line == *' 200 '* ]]
}
start() {
  local pid i
  if pid=$(running); then echo "taosd runs already (process $pid, $fqdn:$port)"; return 0; fi
  if answers healthy; then
    echo "another server answers on $fqdn:$port already: stop it, or set another serverPort in $file" >&2
    return 1
  fi
  mkdir -p "$log_dir"
  setsid "$taosd" -c "$config" >>"$output" 2>&1 </dev/null &
  pid=$!
  echo $pid >"$pid_file"
  for ((i = 0; i < START_LIMIT_S * 10; i++)); do
    if answers healthy; then echo "taosd started (process $pid, $fqdn:$port)"; return 0; fi
    if ! kill -0 $pid 2>/dev/null; then
      rm -f "$pid_file"
      echo "taosd did not start; the end of $output:" >&2
      tail -5 "$output" >&2
      return 1
    fi
    sleep 0.1
  done
  echo "taosd (process $pid) runs but did not answer within $START_LIMIT_S s; see $log_dir/taosdlog.0" >&2
  return 1
}
stop() {
  local pid i
  if ! pid=$(running); then rm -f "$pid_file"; echo 'taosd does not run'; return 0; fi
  kill -TERM "$pid"
  for ((i = 0; i < STOP_LIMIT_S * 10; i++)); do
    # Not `kill -0`: that also finds a process that has ended, as long as nobody fetched its exit status.
    if ! running >/dev/null; then rm -f "$pid_file"; echo 'taosd stopped'; return 0; fi
    sleep 0.1
  done
  kill -KILL "$pid" && rm -f "$pid_file"
  echo "taosd (process $pid) did not stop within $STOP_LIMIT_S s and was killed" >&2
}
status() {
  local pid
  if ! pid=$(running); then echo 'taosd does not run'; return 3; fi
  if answers ready; then
    state=ready
  elif answers healthy; then
    state='waits for its cluster' # a new dnode until somebody says `create dnode`
  else
    state='does not answer yet'
  fi
  echo "taosd runs: process $pid, $fqdn:$port, $state, since $(ps -o lstart= -p "$pid")"
}
case $action in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  status) status ;;
  -h | --help) usage ;;
  *) usage >&2; exit 2 ;;
esac
