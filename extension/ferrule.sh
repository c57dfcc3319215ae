#!/bin/sh
# CloudStack orchestrator extension: ferrule.sh <action> <payload.json> <timeout in seconds>
# Hands the call to the Ferrule daemon on this machine and ends with its answer. The same file on every management
# server. Nothing is ever written to standard error: CloudStack merges it into the answer and cannot read that.
exec 2>/dev/null
action=$1
payload=$2
timeout=$3

# Commands that no extension knows arrive under the name of their Java class: answered fast and quietly.
case $action in *' '*) ;; *.*.*) exit 1 ;; esac

refuse() {
  printf '{"status":"error","message":"%s"}\n' "$1"
  exit 1
}

case $action in '' | *[!\ -~]*) refuse 'The name of the action is not plain text.' ;; esac
case $timeout in '' | 0* | *[!0-9]*) timeout=1800 ;; esac
# A daemon that hangs: the sentence about it must be out before CloudStack kills this process.
patience=$((timeout - 1)).7
[ -r "$payload" ] || refuse 'The payload file cannot be read.'

config=${FERRULE_EXTENSION_CONFIG:-/etc/ferrule/extension.conf}
FERRULE_SOCKET=${FERRULE_SOCKET:-/run/ferrule/ferrule.sock}
# shellcheck disable=SC1090
[ -r "$config" ] && . "$config"

# The code comes on a line of its own behind the answer.
answer=$(curl --silent --unix-socket "$FERRULE_SOCKET" --max-time "$patience" --write-out '\n%{http_code}' \
  --header "x-ferrule-action: $action" --header "x-ferrule-timeout: $timeout" --header 'content-type: application/json' \
  --header 'expect:' --data-binary "@$payload" http://ferrule/extension)
code=${answer##*
}
case $code in
  '' | 000) refuse 'The Ferrule daemon does not answer on its socket. Start it, or correct FERRULE_SOCKET.' ;;
esac
# The caller reads only after we end: more than one pipe buffer (64 KiB) would block for ever.
printf '%.60000s\n' "${answer%
*}"
[ "$code" = 200 ]
