#!/bin/sh
# Sees to the programs that pip cannot install.   usage: scripts/system.sh python|demo|test
#
#   python   a Python that can make virtual environments
#   demo     the same, and rabbitmq-server
#   test     the same, chromium for the browser tests, strace, which kills what is to survive it, what makes real
#            journals (systemd-journal-remote) and packet counters (nft), and by apt-get alone what collectors/polyglot
#            is written in, and producers of other people: collectd, syslog-ng
#
# What is there already is left alone. What is missing is shown as one command, asked for once on a terminal
# (not at all with YES=1 or without a terminal), and installed with apt-get or brew. No system-wide broker is left
# running: minerlib runs a node of its own. Settings: YES, PYTHON, MINERLIB_RABBITMQ_SERVER, CHROMIUM,
# MINERLIB_BROKER_URL (then no rabbitmq-server is needed here).
set -eu

wanted=${1:-demo}
python=${PYTHON:-python3}
log=${MINERLIB_STATE:-.minerlib}/system.log

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
any() { for file in "$@"; do [ -x "$file" ] && return 0; done; return 1; }

has_venv() { "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; }
has_rabbitmq() {
    [ -z "${MINERLIB_BROKER_URL:-}" ] || return 0
    [ -z "${MINERLIB_RABBITMQ_SERVER:-}" ] || return 0 # looked at below
    any /usr/lib/rabbitmq/bin/rabbitmq-server /usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server \
        /usr/sbin/rabbitmq-server /usr/local/sbin/rabbitmq-server /opt/rabbitmq/sbin/rabbitmq-server \
        /opt/homebrew/sbin/rabbitmq-server /opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server \
        /usr/local/opt/rabbitmq/sbin/rabbitmq-server || has rabbitmq-server
}
has_chromium() {
    if [ -n "${CHROMIUM:-}" ]; then any "$CHROMIUM"; return; fi
    any /usr/bin/chromium "/Applications/Chromium.app/Contents/MacOS/Chromium"
}
has_journal() { any /usr/lib/systemd/systemd-journal-remote || ! has journalctl; } # without it no journal is read
has_nft() { has nft || any /usr/sbin/nft || [ "$(uname)" != Linux ]; }
has_strace() { has strace || [ "$(uname)" != Linux ]; } # elsewhere there is none

# From here on: of Debian and its children. Elsewhere the tests of these are skipped.
foreign() { ! has apt-get; }
has_bash() { foreign || has amqp-publish; }
has_c() { foreign || gcc -include amqp.h -E - </dev/null >/dev/null 2>&1; }
has_ruby() { foreign || ruby -e 'require "bunny"' >/dev/null 2>&1; }
has_java() { foreign || { has javac && [ -e /usr/share/java/amqp-client.jar ]; }; }
has_collectd() { foreign || { any /usr/sbin/collectd && loads /usr/lib/collectd/amqp.so; }; }
# It would take the place of the system's own syslog daemon: that stays, and the tests of syslog-ng are skipped.
has_syslog_ng() { foreign || ls /usr/lib/syslog-ng/*/libafamqp.so >/dev/null 2>&1 || has_syslog; }
loads() { ldd "$1" >/dev/null 2>&1 && ! ldd "$1" | grep -q 'not found'; }
has_syslog() { dpkg-query -W -f '${db:Status-Status} ${Provides}\n' | grep -q '^installed .*system-log-daemon'; }

has "$python" || die "No $python here: install Python 3.11 or later (Debian, Ubuntu: apt-get install python3 python3-venv), or say which with PYTHON=/path/to/python3."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "$python is $("$python" -V 2>&1), and minerlib needs 3.11 or later: install one and say which with PYTHON=/path/to/python3."

[ -z "${MINERLIB_RABBITMQ_SERVER:-}" ] || any "$MINERLIB_RABBITMQ_SERVER" ||
    die "MINERLIB_RABBITMQ_SERVER is $MINERLIB_RABBITMQ_SERVER, which cannot be run: name the program itself."

case $wanted in
    python) parts='venv' ;;
    demo) parts='venv rabbitmq' ;;
    test) parts='venv rabbitmq chromium strace journal nft bash c ruby java collectd syslog_ng' ;;
    *) die "There is no set '$wanted': it is python, demo or test." ;;
esac
missing=
for part in $parts; do "has_$part" || missing="$missing $part"; done
[ -n "$missing" ] || exit 0

# The names that this machine's package manager has for them.
if has apt-get; then manager=apt; elif has brew; then manager=brew; elif has dnf; then manager=dnf
elif has pacman; then manager=pacman; elif has apk; then manager=apk; else manager=none; fi
packages=
for part in $missing; do
    case $part:$manager in
        venv:apt) name=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])') ;;
        venv:*) name=python3 ;;
        rabbitmq:brew | rabbitmq:pacman) name=rabbitmq ;;
        rabbitmq:*) name=rabbitmq-server ;;
        chromium:*) name=chromium ;;
        strace:*) name=strace ;;
        bash:*) name=amqp-tools ;;
        c:*) name='gcc libc6-dev librabbitmq-dev' ;;
        ruby:*) name=ruby-bunny ;;
        java:*) name='default-jdk-headless librabbitmq-client-java' ;;
        collectd:*) name='collectd-core librabbitmq4 libyajl2' ;; # its plugins bring no libraries with them
        syslog_ng:*) name='syslog-ng-core syslog-ng-mod-amqp' ;;
        journal:*) name=systemd-journal-remote ;;
        nft:*) name=nftables ;;
    esac
    packages="$packages $name"
done
packages=${packages# }
docker="docker run -d -p 127.0.0.1:5672:5672 rabbitmq:4, and MINERLIB_BROKER_URL=amqp://guest:guest@localhost:5672/"
case $missing in *rabbitmq*) instead=" For the broker, docker serves as well: $docker." ;; *) instead= ;; esac

sudo=
if [ "$(id -u)" != 0 ] && [ $manager != brew ]; then sudo='sudo '; fi
case $manager in
    apt) command="${sudo}env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages" ;;
    brew) command="brew install $packages" ;;
    dnf) die "Missing: $packages. Install with: ${sudo}dnf install -y $packages.$instead" ;;
    pacman) die "Missing: $packages. Install with: ${sudo}pacman -S --needed $packages.$instead" ;;
    apk) die "Missing: $packages. Install with: ${sudo}apk add $packages.$instead" ;;
    none) die "Missing: $packages, and there is no apt-get or brew here to install with.$instead" ;;
esac

terminal=no
if [ -t 0 ] && [ -t 2 ]; then terminal=yes; fi
if [ -n "$sudo" ]; then
    has sudo || die "Missing: $packages, and this user cannot install it. As root: ${command#sudo }.$instead"
    [ $terminal = yes ] || sudo -n true 2>/dev/null ||
        die "Missing: $packages, and sudo wants a password that nobody is here to type. Run: $command.$instead"
fi
say "Missing: $packages. To install:"
say "    $command"
if [ $terminal = yes ] && [ "${YES:-0}" != 1 ]; then
    printf 'Install now? [Y/n] ' >&2
    read -r answer || answer=n
    case $answer in '' | [Yy]*) ;; *) die "Nothing was installed.$instead" ;; esac
fi

mkdir -p "$(dirname "$log")"
quietly() { "$@" >>"$log" 2>&1; }
failed() {
    tail -n 5 "$log" >&2
    die "That failed; all it said is in $log. Run it by hand: $command.$instead"
}
say "Installing (a minute or two; what it says goes to $log) ..."

if [ $manager = brew ]; then
    quietly brew install $packages || failed
    exit 0
fi

# Services as they were, so that only what this installation enabled is disabled again.
units= services=
for part in $missing; do
    case $part in
        rabbitmq) services="$services rabbitmq-server" units="$units rabbitmq-server.service epmd.service epmd.socket" ;;
        collectd) services="$services collectd" units="$units collectd.service" ;;
        syslog_ng) services="$services syslog-ng" units="$units syslog-ng.service" ;;
    esac
done
state_of() { has systemctl && systemctl is-enabled "$1" 2>/dev/null | grep -v not-found || true; }
runs() { [ -d /run/systemd/system ] && systemctl is-active --quiet "$1"; }
ours=
for unit in $units; do [ -n "$(state_of "$unit")" ] || runs "$unit" || ours="$ours $unit"; done

# While installing, nothing is to be started. A policy of the machine's own is kept.
policy=/usr/sbin/policy-rc.d
placed=no
clean() { if [ $placed = yes ]; then $sudo rm -f $policy; placed=no; fi; }
trap clean EXIT
trap 'exit 130' INT TERM
if [ ! -e $policy ] && [ ! -L $policy ]; then
    placed=yes
    printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
    $sudo chmod 755 $policy
fi

apt() { quietly ${sudo}env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 "$@" </dev/null; }
candidates() { for name in $packages; do apt-cache show "$name" >/dev/null 2>&1 || return 1; done; }
candidates || apt update || failed
# A list that is days old names files that are gone: then once more with a new one.
apt install -y --no-install-recommends $packages || { apt update && apt install -y --no-install-recommends $packages; } || failed
clean

for unit in $ours; do
    [ -n "$(state_of "$unit")" ] || continue
    if [ -d /run/systemd/system ]; then quietly ${sudo}systemctl disable --now "$unit" || true
    else quietly ${sudo}systemctl disable "$unit" || true; fi
done
for service in $services; do
    if ! has systemctl && has update-rc.d; then quietly ${sudo}update-rc.d "$service" disable || true; fi
done
for part in $missing; do "has_$part" || failed; done
say "Installed: $packages."
