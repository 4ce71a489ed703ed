#!/usr/bin/env bash
# The container's first process: environment -> taos.cfg, join the cluster, run the program.
#
#   TAOS_<UPPER_SNAKE>=value       parameter upperSnake of taos.cfg: TAOS_FIRST_EP, TAOS_FQDN, TAOS_SERVER_PORT, TAOS_DATA_DIR, …
#                                  (the file's own lines are kept above; the environment's come last and rule)
#   TDNODE_ROOT_PASSWORD           password of root for `create dnode` (default taosdata)
#   TDNODE_JOIN=0                  do not send `create dnode`: the operator does
#   TAOS_CFG_DIR                   folder of taos.cfg (default /etc/taos)
#
# The dnode's identity is in its data folder, not in the container: a container made anew on the same volume is the same dnode.
set -euo pipefail
config_dir=${TAOS_CFG_DIR:-/etc/taos}
run_dir=$(mktemp -d)
config=$run_dir/taos.cfg
[ ! -e "$config_dir/taos.cfg" ] || cat "$config_dir/taos.cfg" >"$config"
echo >>"$config"
# upper_snake to upperSnake: names in taos.cfg are not case-sensitive, so TAOS_MAX_SQL_LENGTH and TAOS_MINIMAL_LOG_DIR_G_B both fit.
while IFS='=' read -r name value; do
  case $name in
    TAOS_CFG_DIR | TAOS_DISABLE_ADAPTER) continue ;;
    TAOS_FIRST_EP | TAOS_SECOND_EP) case $value in *:*) ;; *) value=$value:6030 ;; esac ;;
    TAOS_ARBITRATOR) case $value in *:*) ;; *) value=$value:6042 ;; esac ;;
  esac
  key=${name#TAOS_}
  key=${key,,}
  case $value in *[[:blank:]]*) value="@$value@" ;; esac
  printf '%s %s\n' "${key//_/}" "$value" >>"$config"
done < <(env | grep '^TAOS_[A-Z]' || true)
setting() { awk -v name="$1" 'tolower($1) == tolower(name) { value = $2 } END { print value }' "$config"; }
if [ -z "$(setting fqdn)" ]; then echo "fqdn $(hostname -f 2>/dev/null || hostname)" >>"$config"; fi
fqdn=$(setting fqdn)
port=$(setting serverPort)
port=${port:-6030}
if [ -z "$(setting firstEp)" ]; then echo "firstEp $fqdn:$port" >>"$config"; fi
first=$(setting firstEp)

# Sends `create dnode` to the cluster until it says yes (or that it knows us already), then ends. taosd waits meanwhile.
join() {
  local answer
  for _ in $(seq 300); do
    if answer=$(taos -h "${first%:*}" -P "${first##*:}" -uroot "-p${TDNODE_ROOT_PASSWORD:-taosdata}" \
      -s "create dnode '$fqdn:$port';" 2>&1) && grep -qE 'Query OK|already exists' <<<"$answer"; then
      echo "joined the cluster of $first as $fqdn:$port"
      return 0
    fi
    sleep 1
  done
  echo "could not join the cluster of $first within five minutes; the last answer:" >&2
  tail -2 <<<"$answer" >&2
}

program=${1:-taosd}
[ $# -eq 0 ] || shift
case $program in
  taosd)
    data=$(setting dataDir)
    if [ "$first" != "$fqdn:$port" ] && [ "${TDNODE_JOIN:-1}" != 0 ] && [ ! -e "${data:-/var/lib/taos}/dnode/dnodeCfg.json" ]; then
      join &
    fi
    exec taosd -c "$run_dir" "$@"
    ;;
  tarbitrator) exec tarbitrator -c "$run_dir" "$@" ;;
  taos | taosdemo | taosdump) exec "$program" -c "$run_dir" "$@" ;;
  *) exec "$program" "$@" ;;
esac
