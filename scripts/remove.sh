#!/usr/bin/env bash
# Removes TDnode's programs and services from the host. Configuration, data and logs stay, and a later install finds them,
# unless --purge is given, which asks once on a terminal and takes -y elsewhere.
#
#   scripts/remove.sh [--purge] [-y]
set -euo pipefail
purge=no sure=no
for word in "$@"; do
  case $word in
    --purge) purge=yes ;;
    -y) sure=yes ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "remove.sh: unknown option $word (see --help)" >&2; exit 1 ;;
  esac
done
[ "$(id -u)" = 0 ] || { echo 'remove.sh: needs root' >&2; exit 1; }
if [ $purge = yes ] && [ $sure = no ]; then
  [ -t 0 ] || { echo 'remove.sh: --purge deletes all data: say -y as well' >&2; exit 1; }
  echo 'All databases of this host (/var/lib/taos), logs and configuration will be deleted. Type yes to go on:'
  read -r answer
  [ "$answer" = yes ] || { echo 'nothing removed'; exit 1; }
fi
if [ -d /run/systemd/system ]; then
  systemctl disable --now --quiet taosd tarbitratord 2>/dev/null || true
else
  [ ! -x /usr/local/taos/bin/taosd.sh ] || /usr/local/taos/bin/taosd.sh stop
fi
rm -f /etc/systemd/system/{taosd,tarbitratord}.service
[ ! -d /run/systemd/system ] || systemctl daemon-reload
for program in taosd taos taosdemo taosdump tarbitrator rmtaos; do
  [ ! -L "/usr/bin/$program" ] || rm "/usr/bin/$program"
done
rm -rf /usr/local/taos
if [ $purge = yes ]; then
  rm -rf /var/lib/taos /var/log/taos /etc/taos
  ! getent passwd taos >/dev/null || userdel taos
  echo 'TDnode, its data, logs and configuration are removed.'
else
  echo 'TDnode is removed. Left in place: /etc/taos, /var/lib/taos, /var/log/taos (rmtaos --purge deletes them).'
fi
