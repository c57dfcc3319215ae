#!/bin/sh
# CloudStack extension, Orchestrator or NetworkOrchestrator: ferrule.sh <action> <payload file> <timeout in seconds>
# Hands the call to the Ferrule daemon, on this machine or on another, and ends with its answer. The same file on every
# management server. Nothing is ever written to standard error: CloudStack merges it into the answer and cannot read that.
exec 2>/dev/null
# Lengths are bytes.
export LC_ALL=C
action=$1
payload=$2
timeout=$3

# Commands that no extension knows arrive under the name of their Java class: answered fast and quietly.
case $action in *' '*) ;; *.*.*) exit 1 ;; esac

# The payload file's name is a new one for each call, and stands in the management server's log: what users see of an
# error ends with it, and so do the daemon's lines about it.
call=${payload##*/}
call=${call%.json}
call=${call%.payload}
case $call in '' | *[!A-Za-z0-9_-]*) call=unknown ;; esac

refuse() {
  printf '{"status":"error","message":"%s [call %s]","error":"%s [call %s]"}\n' "$1" "$call" "$1" "$call"
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

secret=
if [ -n "$FERRULE_URL" ]; then
  # Another machine's daemon: the token goes to curl through its standard input, where no list of processes shows it.
  case $FERRULE_URL in https://*) ;; *) refuse 'FERRULE_URL must begin with https://.' ;; esac
  token=
  [ -r "$FERRULE_TOKEN_FILE" ] && read -r token <"$FERRULE_TOKEN_FILE"
  case $token in '' | *[!A-Za-z0-9._~+/=-]*) refuse 'The file FERRULE_TOKEN_FILE cannot be read, or holds no token.' ;; esac
  secret="header = \"authorization: Bearer $token\""
  # Without a file of its own the authorities of this machine are believed.
  set -- --proto =https ${FERRULE_CA_FILE:+--cacert "$FERRULE_CA_FILE"} "${FERRULE_URL%/}/extension"
else
  set -- --unix-socket "$FERRULE_SOCKET" http://ferrule/extension
fi

# The code comes on a line of its own behind the answer. --disable and --noproxy: nothing of this user's or this
# machine's settings changes where a call goes. --config in the substitution itself: no process but curl's is started.
answer=$(curl --disable --silent --noproxy '*' --config - --max-time "$patience" --max-filesize 60000 \
  --write-out '\n%{http_code}' --header "x-ferrule-action: $action" --header "x-ferrule-timeout: $timeout" \
  --header "x-ferrule-call: $call" --header 'content-type: application/json' --header 'expect:' --data-binary "@$payload" "$@" <<CONFIG
$secret
CONFIG
)
failure=$?
case $failure in
  0) ;;
  28) refuse 'The Ferrule daemon does not answer in time. What it began goes on; try again.' ;;
  35 | 51 | 58 | 60 | 77 | 83 | 90) refuse 'The certificate of the Ferrule daemon is not the one of FERRULE_CA_FILE.' ;;
  63) refuse 'The answer of the Ferrule daemon is too long for CloudStack.' ;;
  127) refuse 'curl is not installed on this management server.' ;;
  *) refuse 'The Ferrule daemon does not answer. Start it, or correct FERRULE_SOCKET or FERRULE_URL.' ;;
esac
# The caller reads only after we end: more than one pipe buffer (64 KiB) would block for ever. Older curls see a length
# that was not announced too late.
[ ${#answer} -le 60010 ] || refuse 'The answer of the Ferrule daemon is too long for CloudStack.'
code=${answer##*
}
printf '%s\n' "${answer%
*}"
[ "$code" = 200 ]
