/** Sorts after MAAS's own `wipe-disks`: release scripts of one hardware type run in the order of their names. */
export const verifyScriptName = 'zz-ferrule-verify'

/**
 * The release script that reads erased disks back. MAAS's wipe reports success also where it failed and skips read-only
 * disks without a word, so that only bytes which were read again count.
 *
 * It takes `--serials=` (comma list of the inventory), `--method=` full, secure or quick, and `--seed=` for the places
 * that are chosen by chance. It prints one line of JSON for each disk and one in the end, and exits 1 if a serial of
 * the inventory is missing, a disk is read-only or cannot be read, or a byte that must be zero is not.
 *
 * Samples show that the wipe reached every part of a disk; they cannot speak for every byte.
 *
 * A secure erase may leave a pattern other than zero on some SSDs (a new encryption key turns old zeroes into noise).
 * That cannot be told from old data by reading, so it counts as unproven: use `full` on such disks.
 *
 * POSIX sh, coreutils, cmp, blockdev and lsblk only; no `${`, which would be TypeScript's.
 */
export const verifyScript = String.raw`#!/bin/sh
# zz-ferrule-verify: reads erased disks back
#
# --- Start MAAS 1.0 script metadata ---
# name: zz-ferrule-verify
# title: Read erased disks back
# description: Samples every disk after the wipe and fails unless what must be zero is zero
# script_type: release
# hardware_type: node
# parallel: disabled
# timeout: 01:00:00
# parameters:
#   serials:
#     type: string
#     argument_format: --serials={input}
#     default: none
#   method:
#     type: string
#     argument_format: --method={input}
#     default: full
#   seed:
#     type: string
#     argument_format: --seed={input}
#     default: '1'
# --- End MAAS 1.0 script metadata ---

serials=
method=full
seed=1
for arg in "$@"; do
  case $arg in
    --serials=*) serials=$(printf '%s' "$arg" | sed 's/^--serials=//') ;;
    --method=*) method=$(printf '%s' "$arg" | sed 's/^--method=//') ;;
    --seed=*) seed=$(printf '%s' "$arg" | tr -cd '0-9') ;;
    # MAAS splits arguments at blanks, and serial numbers may have some.
    *) serials="$serials $arg" ;;
  esac
done
case $method in full|secure|quick) ;; *) echo "unknown method: $method" >&2; exit 2 ;; esac
[ "$serials" = none ] && serials=
[ -n "$seed" ] || seed=1

EVEN=64          # samples spread evenly
CHANCE=32        # samples at places chosen by chance
BLOCK=65536      # bytes of a sample
MIB=1048576
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM

# A serial number as both sides write it: no outer blanks, every unusual character an underscore.
token() { sed -e 's/\\x[0-9a-fA-F][0-9a-fA-F]/_/g' -e 's/^ *//' -e 's/ *$//' | tr -c 'A-Za-z0-9._:\n-' '_'; }

field() { printf '%s\n' "$line" | sed -n "s/.*$1=\"\([^\"]*\)\".*/\1/p"; }

# look OFFSET LENGTH: 0 if all is zero, 1 if not, 2 if it cannot be read. One process for each look: a script that
# forks four for every sample takes seconds where this takes a tenth.
look() { cmp -s -n "$2" -i "$1:0" "$path" /dev/zero; }

# sample BLOCK-NUMBER: counts, and remembers the first offsets that are not zero.
sample() {
  look $(($1 * BLOCK)) "$length"
  case $? in
    0) ;;
    1)
      nonzero=$((nonzero + 1))
      [ "$nonzero" -le 8 ] && offsets="$offsets,$(($1 * BLOCK))"
      ;;
    *) unreadable=$((unreadable + 1)) ;;
  esac
  sampled=$((sampled + 1))
}

# The linear congruential generator of ISO C's example: reproducible from the seed, not secret.
chance() { state=$(((state * 1103515245 + 12345) % 2147483648)); }

# edge OFFSET LENGTH: whether an end of the disk is zero, as JSON.
edge() {
  look "$1" "$2"
  case $? in 0) echo true ;; 1) echo false ;; *) echo null ;; esac
}

disks=0
failed=0
found=
lsblk -dnbP -o NAME,PATH,SERIAL,SIZE,RO,TYPE >"$work/disks" || { echo 'lsblk failed' >&2; exit 2; }
while IFS= read -r line; do
  # Card readers and virtual media without a medium have size 0 and hold nothing.
  [ "$(field TYPE)" = disk ] && [ "$(field SIZE)" -gt 0 ] || continue
  name=$(field NAME) path=$(field PATH) size=$(field SIZE) ro=$(field RO)
  serial=$(field SERIAL | token)
  disks=$((disks + 1))
  found="$found,$serial,"

  # What is read must come from the disk, not from what the wipe left in memory.
  blockdev --flushbufs "$path" 2>/dev/null
  blocks=$((size / BLOCK)) length=$BLOCK
  [ "$blocks" -gt 0 ] || { blocks=1 length=$size; }
  end=$MIB
  [ "$size" -ge "$MIB" ] || end=$size
  sampled=0 nonzero=0 unreadable=0 offsets= state=$seed
  first=$(edge 0 "$end")
  last=$(edge $((size - end)) "$end")
  i=0
  while [ "$i" -lt "$EVEN" ]; do
    sample $((blocks * (2 * i + 1) / (2 * EVEN)))
    i=$((i + 1))
  done
  i=0
  while [ "$i" -lt "$CHANCE" ]; do
    chance; high=$((state / 256))
    chance; sample $(((high * 8388608 + state / 256) % blocks))
    i=$((i + 1))
  done

  good=true
  [ "$ro" = 0 ] && readonly=false || { readonly=true; good=false; }
  [ "$first" = true ] && [ "$last" = true ] && [ "$unreadable" -eq 0 ] || good=false
  [ "$method" = quick ] || [ "$nonzero" -eq 0 ] || good=false
  [ "$good" = true ] || failed=$((failed + 1))
  printf '{"disk":"%s","serial":"%s","size":%s,"readonly":%s,"sampled":%s,"nonzero":%s,"unreadable":%s,"first_mib_zero":%s,"last_mib_zero":%s,"offsets":[%s]}\n' \
    "$name" "$serial" "$size" "$readonly" "$sampled" "$nonzero" "$unreadable" "$first" "$last" "$(printf '%s' "$offsets" | sed 's/^,//')"
done <"$work/disks"

missing=
printf '%s\n' "$serials" | tr ',' '\n' >"$work/expected"
while IFS= read -r wanted; do
  wanted=$(printf '%s\n' "$wanted" | token)
  [ -n "$wanted" ] || continue
  case $found in *",$wanted,"*) ;; *) missing="$missing,\"$wanted\"" ;; esac
done <"$work/expected"

passed=true
[ "$failed" -eq 0 ] && [ -z "$missing" ] && [ "$disks" -gt 0 ] || passed=false
printf '{"summary":true,"method":"%s","seed":%s,"disks":%s,"failed":%s,"missing":[%s],"passed":%s}\n' \
  "$method" "$seed" "$disks" "$failed" "$(printf '%s' "$missing" | sed 's/^,//')" "$passed"
[ "$passed" = true ]
`

/** A serial number as the script prints it: no outer blanks, every unusual character an underscore. */
export function serialToken(serial: string): string {
  return serial.trim().replace(/[^A-Za-z0-9._:-]/g, '_')
}

/** The form fields that hand the script its parameters; `SCRIPT_PARAM`, so that no other script takes them. */
export function verifyParameters(options: {
  serials: readonly string[]
  method: 'full' | 'secure' | 'quick'
  seed: number
}): Record<string, string> {
  const tokens = options.serials.map(serialToken).filter((serial) => serial !== '')
  return {
    [`${verifyScriptName}_serials`]: tokens.length > 0 ? tokens.join(',') : 'none',
    [`${verifyScriptName}_method`]: options.method,
    [`${verifyScriptName}_seed`]: String(options.seed),
  }
}
