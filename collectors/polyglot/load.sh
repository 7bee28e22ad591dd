#!/usr/bin/env bash
# The load of this machine, the same as collectors/host.py says: bash load.sh [SECONDS [COUNT]]
# Needs bash 5 and amqp-publish (Debian: amqp-tools), which asks for no confirms: the last events before a broker goes
# away may be lost.
set -euo pipefail
export LC_ALL=C # a point in numbers, whatever the language
die() { echo "load.sh: $*" >&2; exit 1; }
plain() { local text=${1//\\/\\\\}; printf %b "${text//%/\\x}"; } # %2F is a slash

every=${1:-1} left=${2:--1} url=${MINERLIB_BROKER_URL:-}
source=${MINERLIB_SOURCE:-$HOSTNAME}
key=${MINERLIB_SCOPE:-local.lab.dev}.${source//.//}.load.average

# A whole URL on a command line shows its password to everybody who lists processes.
form='^amqp(s?)://(([^:@/]*):([^@/]*)@)?([^:/@]+)(:([0-9]+))?(/(.*))?$'
[[ $url =~ $form ]] || die "MINERLIB_BROKER_URL has to be the AMQP URL of a broker, as in amqp://me:secret@rabbit:5672/"
user=$(plain "${BASH_REMATCH[3]:-guest}") password=$(plain "${BASH_REMATCH[4]:-guest}")
host=${BASH_REMATCH[5]} vhost=$(plain "${BASH_REMATCH[9]:-/}") tls=()
[[ ! ${BASH_REMATCH[1]} ]] || tls=(--ssl --cacert "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}")
port=${BASH_REMATCH[7]:-$((${#tls[@]} ? 5671 : 5672))}

coproc amqp {
    exec amqp-publish --server "$host" --port "$port" --vhost "$vhost" "${tls[@]}" \
        --authfile <(printf 'username:%s\npassword:%s\n' "$user" "$password") \
        --exchange events --routing-key "$key" --persistent --line-buffered
}
pid=$amqp_PID to=${amqp[1]} from=${amqp[0]}
trap 'exit 0' INT TERM # its input ends with us, and so does it
trap '' PIPE

while ((left--)); do
    read -r one five fifteen _ </proc/loadavg
    printf '{"time":%s,"1m":%s,"5m":%s,"15m":%s,"cores":%s}\n' "$EPOCHREALTIME" "$one" "$five" "$fifteen" "$(getconf _NPROCESSORS_ONLN)" \
        >&"$to" || break
    ((left)) || break
    read -rt "$every" -u "$from" || (($? > 128)) || break # it says nothing: this waits, unless it has ended
done 2>/dev/null
exec {to}>&-
wait "$pid" || die "the broker at $host:$port cannot be reached, or takes nothing more."
