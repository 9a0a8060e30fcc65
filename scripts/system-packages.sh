#!/bin/sh
# Installs the Debian packages that tests of real consumers need; a test itself installs nothing.
# Does nothing where all are there already. Runs as root, or through sudo.
#   bind9, bind9-utils, bind9-dnsutils   named, named-checkzone, rndc, dig: response policy zones (test/interop)
#   unbound, pdns-recursor               other consumers of response policy zones (test/interop)
#   rspamd, spamassassin                 mail filters: maps and rules load, and score a message (test/interop)
#   postfix, postfix-pcre                postmap -q over access maps, header and body checks (test/interop)
#   nftables, ipset                      sets load in a network namespace of their own (test/interop)
#   squid, haproxy                       they accept our lists and act on them (test/interop)
#   suricata, yara, clamav               rules, lists and signatures load, and find what is listed (test/interop);
#                                        Debian 12 has suricata in its backports alone: they are added as a source
#   strace                               that a publish is on disk before it is acknowledged (test/faults)
set -eu

packages='bind9 bind9-utils bind9-dnsutils unbound pdns-recursor rspamd spamassassin postfix postfix-pcre'
packages="$packages nftables ipset squid haproxy suricata yara clamav strace"

missing=''
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  if [ "$status" != installed ]; then missing="$missing $package"; fi
done
if [ -z "$missing" ]; then
  echo "system packages: all there ($packages)"
  exit 0
fi

if [ "$(id -u)" = 0 ]; then
  as_root=''
elif command -v sudo >/dev/null; then
  as_root='sudo'
else
  echo "system packages: missing$missing; run this as root, or install sudo" >&2
  exit 1
fi

echo "system packages: installing$missing"
# No service is to start by itself: tests start their own, on ports of their own.
run() {
  echo "+ $as_root $*"
  # shellcheck disable=SC2086 # empty where we are root
  $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 "$@"
}
run apt-get update
case "$missing" in
*suricata*)
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  if [ "$codename" = bookworm ]; then
    if [ -z "$(apt-cache madison suricata)" ]; then
      echo "deb http://deb.debian.org/debian $codename-backports main" |
        run tee /etc/apt/sources.list.d/tocsin-backports.list >/dev/null
      run apt-get update
    fi
    # With what it needs of the backports, and nothing else from there.
    run apt-get install -y --no-install-recommends -t "$codename-backports" suricata
    missing=$(echo "$missing" | sed 's/ suricata//')
  fi
  ;;
esac
# shellcheck disable=SC2086 # a list of words
if [ -n "$missing" ]; then run apt-get install -y --no-install-recommends $missing; fi
echo "system packages: done"
