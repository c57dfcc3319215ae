#!/usr/bin/env bash
# Checks the API against its own OpenAPI document with schemathesis: a lab and a daemon on free ports, a fresh data
# folder, and a few examples for every call. A 5xx answer, an undocumented status or an answer that does not fit its
# schema is a failure. With FERRULE_TEST_REPORT=FOLDER it leaves test-schemathesis*.xml (JUnit) there.
#
#   npm run test:schemathesis                  the bounded run of CI
#   SCHEMATHESIS_EXAMPLES=100 npm run …        more examples for each call
set -u -o pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
fail() { echo "schemathesis: $*" >&2; exit 1; }

command -v schemathesis >/dev/null 2>&1 \
  || fail 'schemathesis is not on PATH. Install it: scripts/ci-install.sh VENV; export PATH="VENV/bin:$PATH"'

work=$(mktemp -d "${TMPDIR:-/tmp}/ferrule-schemathesis-XXXXXX")
# PostgreSQL runs as another account when we are root.
chmod 755 "$work"
pids=()
clean_up() {
  # The daemon first: it is to end its work with the lab still there.
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# await FILE PATTERN PID: until a line of the file matches, or the process has ended.
await() {
  local i
  for i in $(seq 600); do
    grep -q "$2" "$1" 2>/dev/null && return 0
    kill -0 "$3" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

node "$root/bin/ferrule-lab" --time-scale 600 --ready-file "$work/lab.json" >"$work/lab.log" 2>&1 &
lab=$!
pids=("$lab")
await "$work/lab.log" 'is up' "$lab" || { cat "$work/lab.log"; fail 'the lab did not start'; }

(
  umask 077
  node -p 'require(process.argv[1]).maas.key' "$work/lab.json" >"$work/maas.key"
)
maas=$(node -p 'require(process.argv[1]).maas.url' "$work/lab.json")
cat >"$work/ferrule.yaml" <<END
installation: schemathesis
external.baremetal.resource.classname: org.apache.cloudstack.compute.maas.MaasResourceProvider
listen: { port: 0 }
dataDir: $work/data
maas: { url: "$maas", key: "file:$work/maas.key" }
timeScale: 600
END
node "$root/bin/ferruled" --config "$work/ferrule.yaml" >"$work/daemon.log" 2>&1 &
daemon=$!
pids=("$daemon" "$lab")
await "$work/daemon.log" '"msg":"ready"' "$daemon" || { cat "$work/daemon.log"; fail 'the daemon did not start'; }
url=$(sed -n 's/.*"url":"\([^"]*\)".*"msg":"ready".*/\1/p' "$work/daemon.log" | head -n 1)
token=$(cat "$work/data/admin.token")

reports=${FERRULE_TEST_REPORT:-$work}
cd "$work" || exit 1
export SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$root/scripts" PYTHONDONTWRITEBYTECODE=1

# check REPORT SECONDS OPTION…: streams never end by themselves; tests of their own read them.
check() {
  local report=$1 seconds=$2
  shift 2
  timeout "$seconds" schemathesis "${config[@]}" run "$url/api/v1/openapi.json" \
    --header "Authorization: Bearer $token" \
    --exclude-operation-id watchOperation --exclude-operation-id watchEvents \
    --max-examples "${SCHEMATHESIS_EXAMPLES:-8}" --seed "${SCHEMATHESIS_SEED:-1}" \
    --generation-database none --no-color --request-timeout 20 \
    --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance,negative_data_rejection,unsupported_method,allow_header_conformance,ignored_auth \
    --report junit --report-junit-path "$reports/$report" "$@"
  local code=$?
  [ "$code" -ne 124 ] || echo "schemathesis: not finished within $seconds s" >&2
  return "$code"
}

# Everything, with keys that mostly lead nowhere.
config=()
check test-schemathesis.xml 240 --phases examples,coverage,fuzzing
code=$?

# What can be read of objects that are there: each is called lab, and the first operation has number 1.
ferrule() { FERRULE_URL=$url FERRULE_TOKEN=$token node "$root/bin/ferrule" "$@" >>"$work/cli.log" 2>&1; }
host=$(node -p 'JSON.stringify(require(process.argv[1]).machines.find(({ nics }) => nics.length === 2))' "$work/lab.json")
of() { node -p "JSON.parse(process.argv[1]).$1" "$host"; }
of bmc.password >"$work/bmc.password"
node -e 'fetch(`${require(process.argv[1]).control}/rack-file`).then((it) => it.text()).then(console.log)' "$work/lab.json" >"$work/racks.json"
ferrule rack apply "$work/racks.json" --name lab \
  && ferrule network create lab --vlan 101 && ferrule template register lab --url ubuntu/jammy \
  && ferrule offering create lab --cpus "$(of cpuCount)" --memory "$(of memoryMiB)" \
  && ferrule host add lab --bmc "$(of bmc.address):$(of bmc.port)" --bmc-user "$(of bmc.username)" \
    --bmc-password-file "$work/bmc.password" --mac "$(of 'nics[0].mac')" --cpus "$(of cpuCount)" --memory "$(of memoryMiB)" \
  && ferrule instance deploy lab --template lab --offering lab --nic network=lab \
  || { cat "$work/cli.log"; fail 'the objects to read could not be made'; }
cat >"$work/objects.toml" <<END
[parameters]
"path.key" = "lab"
[[operations]]
include-path-regex = "/operations/|/why/"
[operations.parameters]
"path.key" = "1"
"path.kind" = "operation"
END
config=(--config-file "$work/objects.toml")
check test-schemathesis-objects.xml 60 --phases fuzzing --mode positive --include-method GET || code=1

kill -0 "$daemon" 2>/dev/null || { tail -n 40 "$work/daemon.log"; fail 'the daemon ended while it was asked'; }
exit "$code"
