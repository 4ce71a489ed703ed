#!/usr/bin/env bash
# A cluster of processes on this machine, for trying things out: every dnode in a folder of its own, on loopback.
#
#   scripts/cluster.sh up N [parameter=value …]   start N dnodes and join them; again: start what does not run
#   scripts/cluster.sh status                     the table of addresses
#   scripts/cluster.sh stop N | start N           one dnode, to see what the others do without it
#   scripts/cluster.sh down [--purge]             stop all; --purge removes their data
#
# FOLDER (default ./var/cluster), PORT (default 6030: dnode i listens from PORT + 100 (i - 1)), PASSWORD of root.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
folder=${FOLDER:-$here/var/cluster}
port=${PORT:-6030}
password=${PASSWORD:-taosdata}
host=localhost
[ -e "$here/packages/taosd/dist/main.js" ] || { echo 'cluster.sh: run npm install first: it builds' >&2; exit 1; }

port_of() { echo $((port + 100 * ($1 - 1))); }
numbers() { find "$folder" -maxdepth 1 -name 'dnode*' 2>/dev/null | sed 's/.*dnode//' | sort -n; }
# Runs statements on dnode $1 until it can; `taos` tells errors by its output.
say() {
  "$here/node_modules/.bin/taos" -h $host -P "$(port_of "$1")" -uroot "-p$password" -s "$2"
}
configure() {
  local home=$folder/dnode$1 parameter
  mkdir -p "$home/data" "$home/log"
  {
    echo "# made by scripts/cluster.sh"
    echo "fqdn $host"
    echo "firstEp $host:$(port_of 1)"
    echo "serverPort $(port_of "$1")"
    echo "dataDir $home/data"
    echo "logDir $home/log"
    echo 'clusterSecret a-cluster-on-one-machine'
    shift
    for parameter in "$@"; do echo "${parameter%%=*} ${parameter#*=}"; done
  } >"$home/taos.cfg"
}
table() {
  local i pid state home
  printf '%-6s  %-16s  %-24s  %-10s  %s\n' dnode 'end point' REST process folder
  for i in $(numbers); do
    home=$folder/dnode$i
    state=stopped
    if pid=$(cat "$home/log/taosd.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null; then state=$pid; fi
    printf '%-6s  %-16s  %-24s  %-10s  %s\n' "$i" "$host:$(port_of "$i")" "http://$host:$(($(port_of "$i") + 11))" "$state" "$home"
  done
}
start() { "$here/scripts/taosd.sh" start -c "$folder/dnode$1"; }
stop() { "$here/scripts/taosd.sh" stop -c "$folder/dnode$1"; }
# The answer to `show dnodes` once all have reported, or as it is after ten seconds.
dnodes() {
  local shown
  for _ in $(seq 20); do
    shown=$(say 1 'show dnodes;')
    grep -q '| offline ' <<<"$shown" || break
    sleep 0.5
  done
  sed -n '/^ *id /,$p' <<<"$shown"
}
known() { [ -e "$folder/dnode$1/taos.cfg" ] || { echo "cluster.sh: there is no dnode $1 in $folder" >&2; exit 1; }; }

action=${1:-}
[ $# -eq 0 ] || shift
case $action in
  up)
    count=${1:-3}
    [[ $count =~ ^[1-9][0-9]?$ ]] || { echo "cluster.sh: '$count' is no number of dnodes" >&2; exit 2; }
    [ $# -eq 0 ] || shift
    for ((i = 1; i <= count; i++)); do
      [ -e "$folder/dnode$i/taos.cfg" ] || configure "$i" "$@"
      start "$i"
      [ "$i" = 1 ] || say 1 "create dnode '$host:$(port_of "$i")';" | grep -E 'DB error' | grep -v 'already exists' || true
    done
    table
    dnodes
    echo "Shell: node_modules/.bin/taos -h $host -P $(port_of 1)        Stop: scripts/cluster.sh down"
    ;;
  status) table ;;
  start) known "${1:?which dnode}"; start "$1" ;;
  stop) known "${1:?which dnode}"; stop "$1" ;;
  down)
    for i in $(numbers); do stop "$i"; done
    if [ "${1:-}" = --purge ]; then rm -rf "$folder"; echo "removed $folder"; fi
    ;;
  -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
