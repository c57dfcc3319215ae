#!/usr/bin/env bash
# Builds OpenTofu, and CloudStack's provider for it, from their Go modules, for test/tofu. Usage: scripts/build-tofu.sh [FOLDER]
# FOLDER (or FERRULE_TOFU, or ~/.cache/ferrule-tofu) then has tofu, and mirror, where `tofu init` finds the provider without a
# registry. What is there is not built again; of two that run at once the later one waits for the earlier one.
set -u -o pipefail

folder=${1:-${FERRULE_TOFU:-$HOME/.cache/ferrule-tofu}}
tofu=1.12.6
provider=0.5.0

fail() { echo "build-tofu: $*" >&2; exit 1; }

mkdir -p "$folder" || fail "$folder cannot be made"
folder=$(cd "$folder" && pwd)
exec 9>"$folder/lock"
flock 9

version=$(go env GOVERSION 2>/dev/null) || fail 'go is not installed: see go.dev/doc/install'
[ "$(printf '%s\n' go1.26.6 "$version" | sort -V | head -n 1)" = go1.26.6 ] || fail "OpenTofu needs Go 1.26.6 or newer, not $version"

# fetch MODULE VERSION SUM: prints the folder where Go keeps it.
fetch() {
  local found
  found=$(go mod download -json "$1@$2") || fail "$1@$2 could not be fetched: $found"
  [ "$(said Sum "$found")" = "$3" ] || fail "$1@$2 has the sum $(said Sum "$found") and not $3"
  said Dir "$found"
}

said() { printf '%s\n' "$2" | sed -n "s/^\t\"$1\": \"\(.*\)\",*$/\1/p"; }

# build SOURCE PACKAGE PROGRAM: as the main module, so that its own go.mod and go.sum say what goes in.
build() {
  mkdir -p "$(dirname "$3")"
  go -C "$1" build -mod=readonly -buildvcs=false -trimpath -gcflags=all=-dwarf=false -ldflags '-s -w' -o "$3.new" "$2" || fail "$(basename "$3") could not be built"
  mv "$3.new" "$3"
}

# Of these two the sums stand here. In Go's database of sums CloudStack's is not: its go.mod has an older name than its address.
export GOWORK=off GONOSUMDB=github.com/apache/cloudstack-terraform-provider,github.com/opentofu/opentofu

program=$folder/mirror/registry.opentofu.org/cloudstack/cloudstack/$provider/$(go env GOOS)_$(go env GOARCH)/terraform-provider-cloudstack_v$provider
if [ ! -x "$program" ]; then
  source=$(fetch github.com/apache/cloudstack-terraform-provider v$provider h1:2kyIJlKcyl0Jqc09pQi7Ljg40BvlW3echKBfro5aCuk=) || exit 1
  build "$source" . "$program"
fi

if [ ! -x "$folder/tofu" ]; then
  source=$(fetch github.com/opentofu/opentofu v$tofu h1:0VT4P8pMmGcCUnQ9JDrJ+Qg2d35Vzm4FFd/9+H7oF98=) || exit 1
  copy=$folder/source
  rm -rf "$copy"
  cp -R "$source" "$copy" && chmod -R u+w "$copy" || fail "$source could not be copied"
  # Where a state or its key can be kept in somebody's cloud is left out: it is half of what had to be compiled, and no test's state leaves its folder.
  sed -i -e '/remote-state\/\(azure\|consul\|cos\|gcs\|kubernetes\|oss\|pg\|s3\)"/d' \
    -e '/backend\(Azure\|Consul\|Cos\|GCS\|Kubernetes\|OSS\|Pg\|S3\)\.New/d' "$copy/internal/backend/init/init.go"
  sed -i -e '/keyprovider\/\(aws_kms\|azure_vault\|gcp_kms\|openbao\)"/d' \
    -e '/(\(aws_kms\|azure_vault\|gcp_kms\|openbao\)\.New/,/^\t}/d' "$copy/internal/encryption/default_registry.go"
  build "$copy" ./cmd/tofu "$folder/tofu"
  rm -rf "$copy"
fi
