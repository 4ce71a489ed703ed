#!/usr/bin/env bash
# Installs TDnode from this checkout onto the host, where TDengine's users look for it:
#   /usr/local/taos        programs and libraries        /usr/bin/{taosd,taos,taosdemo,taosdump,tarbitrator,rmtaos}
#   /etc/taos/taos.cfg     configuration (kept if there)  /var/lib/taos, /var/log/taos   data and logs (kept if there)
#   taosd.service, tarbitratord.service where systemd is
# Running it again upgrades the programs and leaves configuration, data and logs alone. Nothing is started.
#
#   scripts/install.sh [-y] [--first-ep host:port] [--fqdn name] [--destdir folder]
#     -y                 ask nothing
#     --first-ep ep      join the cluster that this end point belongs to (asked for on a terminal)
#     --fqdn name        the name other hosts reach this one by (default: hostname -f)
#     --destdir folder   install below this folder, for images and packages; no user, no service
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
first_ep='' fqdn='' destdir='' ask=yes
die() { echo "install.sh: $*" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case $1 in
    -y) ask=no ;;
    -e) [ "${2:-}" = no ] && ask=no; shift ;; # 2.1.2's spelling of -y
    --first-ep) first_ep=${2:?--first-ep needs host:port}; shift ;;
    --fqdn) fqdn=${2:?--fqdn needs a name}; shift ;;
    --destdir) destdir=${2:?--destdir needs a folder}; shift ;;
    -h | --help) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) die "unknown option $1 (see --help)" ;;
  esac
  shift
done
[ -n "$destdir" ] || [ "$(id -u)" = 0 ] || die 'needs root, or --destdir'
[ -t 0 ] || ask=no
programs='taosd taos taosdemo taosdump tarbitrator'

# --- the runtime ----------------------------------------------------------------------------------------------------
node=$(command -v node) || die 'needs Node.js 20.19 or later: node is not on the PATH'
node=$(readlink -f "$node")
"$node" -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  die "needs Node.js 20.19 or later, $node is $("$node" --version)"

case $node in
  /root/* | /home/*) [ -n "$destdir" ] || echo "install.sh: the service may not look into $node: install Node.js for all users" >&2 ;;
esac

# --- programs and libraries -----------------------------------------------------------------------------------------
cd "$here"
if [ ! -e dist/taosd.js ] || [ ! -d node_modules ]; then
  echo 'building …'
  npm install --no-audit --no-fund
fi
target=$destdir/usr/local/taos
fresh=$target.new
rm -rf "$fresh"
mkdir -p "$fresh/bin"
# What the programs need at run time, links between packages as they are; sources, tests and tools of development stay here.
members=()
for program in $programs; do
  [ -e "packages/$program/package.json" ] && members+=(-w "@tdnode/$program")
done
npm ls --omit=dev --all --parseable "${members[@]}" 2>/dev/null | sort -u | while read -r place; do
  place=${place#"$here"}
  [ -z "$place" ] || printf '%s\n' "${place#/}"
done >"$fresh/.contents"
[ -s "$fresh/.contents" ] || die 'npm ls found nothing to install'
while read -r place; do
  if [ -L "$place" ]; then # a package of ours: node_modules/@tdnode/x -> ../../packages/x
    package=packages/$(basename "$(readlink "$place")")
    mkdir -p "$fresh/$package" "$fresh/$(dirname "$place")"
    cp -a "$place" "$fresh/$place"
    cp -a "$package/package.json" "$package/dist" "$fresh/$package/"
    [ ! -d "$package/bin" ] || cp -a "$package/bin" "$fresh/$package/"
  else
    mkdir -p "$fresh/$place"
    cp -a "$place/." "$fresh/$place/"
  fi
done <"$fresh/.contents"
rm "$fresh/.contents"
cp -a package.json dist "$fresh/"
mkdir -p "$fresh/scripts"
cp -a scripts/program.mjs "$fresh/scripts/"
install -m 755 scripts/taosd.sh scripts/remove.sh docker/entrypoint.sh "$fresh/bin/"
for program in $programs; do
  entry=packages/$program/bin/$program.mjs
  [ -e "$fresh/$entry" ] || continue
  # The runtime that was tried above, whatever PATH the service manager has; the folder may be moved or mounted elsewhere.
  # shellcheck disable=SC2016 # expands when the program runs
  printf '#!/bin/sh\nexec %s "$(dirname "$(readlink -f "$0")")/../%s" "$@"\n' "$node" "$entry" >"$fresh/bin/$program"
  chmod 755 "$fresh/bin/$program"
done
rm -rf "$target.old"
[ ! -e "$target" ] || mv "$target" "$target.old"
mv "$fresh" "$target"
rm -rf "$target.old"
mkdir -p "$destdir/usr/bin"
for program in $programs; do
  [ ! -e "$target/bin/$program" ] || ln -sfn "../local/taos/bin/$program" "$destdir/usr/bin/$program"
done
ln -sfn ../local/taos/bin/remove.sh "$destdir/usr/bin/rmtaos"

# --- configuration, data, logs --------------------------------------------------------------------------------------
mkdir -p "$destdir"/etc/taos "$destdir"/var/lib/taos "$destdir"/var/log/taos
config=$destdir/etc/taos/taos.cfg
if [ -e "$config" ]; then
  echo "kept $config"
else
  [ -n "$fqdn" ] || fqdn=$(hostname -f 2>/dev/null || hostname)
  if [ $ask = yes ] && [ -z "$first_ep" ]; then
    echo 'End point (fqdn:port) of a dnode of the cluster that this host joins, or nothing to begin a cluster:'
    read -r first_ep
  fi
  case $first_ep in '') first_ep=$fqdn:6030 ;; *:*) ;; *) first_ep=$first_ep:6030 ;; esac
  sed -e "s|@FIRST_EP@|$first_ep|" -e "s|@FQDN@|$fqdn|" scripts/service/taos.cfg >"$config"
fi

# --- user and service -----------------------------------------------------------------------------------------------
if [ -z "$destdir" ]; then
  getent passwd taos >/dev/null || useradd --system --home-dir /var/lib/taos --shell /usr/sbin/nologin taos
  chown taos:taos /var/lib/taos /var/log/taos
  # What a root-run server or an earlier build left there must be readable by the service's user.
  find /var/lib/taos /var/log/taos ! -user taos -exec chown -h taos:taos {} +
  if [ -d /run/systemd/system ]; then
    install -m 644 scripts/service/taosd.service scripts/service/tarbitratord.service /etc/systemd/system/
    systemctl daemon-reload
    systemctl enable --quiet taosd
    begin='systemctl start taosd' status='systemctl status taosd'
  else
    begin='/usr/local/taos/bin/taosd.sh start' status='/usr/local/taos/bin/taosd.sh status'
  fi
  me=$(sed -n 's/^ *fqdn  *//p' "$config" | tail -1)
  first=$(sed -n 's/^ *firstEp  *//p' "$config" | tail -1)
  cat <<TEXT
TDnode is installed.
  configure   $config
  start       $begin
  status      $status
  shell       taos -h ${me:-localhost}
  remove      rmtaos          (data stays unless you say --purge)
TEXT
  case $first in
    "$me":* | '') ;;
    *) echo "When taosd runs here, say on any dnode of the cluster:  taos> create dnode '$me:6030';" ;;
  esac
else
  echo "installed below $destdir"
fi
