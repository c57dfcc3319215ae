#!/bin/sh
# CloudStack orchestrator extension: ferrule.sh <action> <payload.json> <timeout in seconds>
# Hands the call to the Ferrule daemon on this machine and ends with its answer. The same file on every management
# server. Nothing is ever written to standard error: CloudStack merges it into the answer and cannot read that.
exec 2>/dev/null
action=$1
payload=$2
timeout=${3:-1800}

# Commands that no extension knows arrive under the name of their Java class: answered fast and quietly.
case $action in *.*) exit 1 ;; esac

config=${FERRULE_EXTENSION_CONFIG:-/etc/ferrule/extension.conf}
FERRULE_SOCKET=${FERRULE_SOCKET:-/run/ferrule/ferrule.sock}
# shellcheck disable=SC1090
[ -r "$config" ] && . "$config"

answer=$(mktemp) || exit 1
trap 'rm -f "$answer"' EXIT
code=$(curl --silent --unix-socket "$FERRULE_SOCKET" --max-time "$timeout" --output "$answer" --write-out '%{http_code}' \
  --header "x-ferrule-action: $action" --header "x-ferrule-timeout: $timeout" --header 'content-type: application/json' \
  --data-binary "@$payload" http://ferrule/extension)
if [ "$code" = 000 ]; then
  echo '{"status":"error","message":"The Ferrule daemon does not answer on its socket. Start it, or correct FERRULE_SOCKET."}'
  exit 1
fi
# The caller reads only after we end: more than one pipe buffer (64 KiB) would block for ever.
head -c 60000 "$answer"
[ "$code" = 200 ]
