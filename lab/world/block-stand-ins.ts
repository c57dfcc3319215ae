import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Disk } from './types.ts'

/** Columns that lsblk(8) can be asked for; any other is printed empty, as for a disk that does not tell. */
const COLUMNS = [
  'NAME',
  'KNAME',
  'PATH',
  'SERIAL',
  'SIZE',
  'TYPE',
  'RO',
  'RM',
  'MODEL',
  'TRAN',
  'ROTA',
  'WWN',
  'LOG-SEC',
  'PHY-SEC',
]

/** A field of the table that has no value; a tab-separated read would join empty neighbours. */
const EMPTY = '-'

/** Writes stand-ins for lsblk, blockdev and nvme that know these disks, as files in `devices`. */
export function writeBlockStandIns(folder: string, devices: string, disks: readonly Disk[]): void {
  const rows = disks.map((disk) => {
    const path = join(devices, disk.name)
    const rotating = disk.model.includes('HDD') ? '1' : '0'
    const wwn = `0x5000${Buffer.from(disk.serial).toString('hex').padStart(12, '0').slice(-12)}`
    const model = disk.model.replaceAll(' ', '_')
    return [
      disk.name,
      disk.name,
      path,
      disk.serial,
      disk.size,
      'disk',
      '0',
      '0',
      model,
      'sata',
      rotating,
      wwn,
      512,
      4096,
    ]
  })
  writeFileSync(
    join(folder, 'disks.tsv'),
    [COLUMNS, ...rows].map((row) => row.map((cell) => cell || EMPTY).join('\t')).join('\n'),
  )
  put(folder, 'lsblk', LSBLK.replace('@TABLE@', join(folder, 'disks.tsv')))
  put(folder, 'blockdev', BLOCKDEV)
  put(folder, 'nvme', 'echo "no NVMe device" >&2\nexit 1\n')
  put(folder, 'hdparm', 'echo " Security: not supported"\nexit 0\n')
}

function put(folder: string, name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}`)
  chmodSync(join(folder, name), 0o755)
}

const BLOCKDEV = `what=; ro=0
for argument in "$@"; do
  case "$argument" in
    --getsize64|--getsz|--getss|--getpbsz|--getro|--flushbufs|--rereadpt) what=$argument ;;
    -*) ;;
    *)
      [ -f "$argument" ] || { echo "blockdev: cannot open $argument: No such file or directory" >&2; exit 1; }
      size=$(stat -c %s "$argument" 2>/dev/null || stat -f %z "$argument")
      case "$what" in
        --getsize64) echo "$size" ;;
        --getsz) echo $((size / 512)) ;;
        --getss) echo 512 ;;
        --getpbsz) echo 4096 ;;
        --getro) echo 0 ;;
      esac ;;
  esac
done
`

const LSBLK = `columns=NAME,SIZE,RO,TYPE; head=1; bytes=0; mode=list; full=0; devices=
while [ $# -gt 0 ]; do
  case "$1" in
    --output|--output=*) case "$1" in *=*) columns=\${1#*=} ;; *) columns=$2; shift ;; esac ;;
    --noheadings) head=0 ;;
    --bytes) bytes=1 ;;
    --json) mode=json ;;
    --pairs) mode=pairs ;;
    --paths) full=1 ;;
    --exclude|--include) shift ;;
    --*) ;;
    -*)
      flags=\${1#-}
      while [ -n "$flags" ]; do
        rest=\${flags#?}; flag=\${flags%"$rest"}; flags=$rest
        case "$flag" in
          n) head=0 ;;
          b) bytes=1 ;;
          J) mode=json ;;
          P) mode=pairs ;;
          p) full=1 ;;
          o) if [ -n "$flags" ]; then columns=$flags; flags=; else columns=$2; shift; fi ;;
          e|I|x) if [ -n "$flags" ]; then flags=; else shift; fi ;;
        esac
      done ;;
    *) devices="$devices $1" ;;
  esac
  shift
done
exec awk -F '\\t' -v columns="$columns" -v head="$head" -v bytes="$bytes" -v mode="$mode" -v full="$full" -v devices="$devices" '
function human(size,  units, at) {
  units = "BKMGTP"; at = 1
  while (size >= 1024 && at < 6) { size /= 1024; at++ }
  size = sprintf("%.1f", size); sub(/\\.0$/, "", size)
  return size substr(units, at, 1)
}
function cell(name,  value) {
  value = (name in place) ? $place[name] : ""
  if (value == "-") value = ""
  if (name == "MODEL") gsub("_", " ", value)
  if (name == "NAME" && full) value = $place["PATH"]
  if (name == "SIZE" && !bytes) value = human(value)
  return value
}
function json(name, value) {
  if (name == "RO" || name == "RM" || name == "ROTA") return value == "1" ? "true" : "false"
  if (value == "") return "null"
  if ((name == "SIZE" && bytes) || name ~ /-SEC$/) return value
  return "\\"" value "\\""
}
BEGIN { count = split(toupper(columns), wanted, ","); if (mode == "json") printf "{\\n   \\"blockdevices\\": [" }
NR == 1 { for (at = 1; at <= NF; at++) place[$at] = at
  if (mode == "list" && head) { for (at = 1; at <= count; at++) printf "%s%s", wanted[at], (at < count ? " " : "\\n") }
  next }
devices != "" && index(devices " ", " " $place["PATH"] " ") == 0 { next }
{ shown++
  if (mode == "json") printf "%s{", (shown > 1 ? "," : "")
  for (at = 1; at <= count; at++) {
    name = wanted[at]; value = cell(name)
    if (mode == "json") printf "%s\\"%s\\":%s", (at > 1 ? ", " : ""), tolower(name), json(name, value)
    else if (mode == "pairs") printf "%s%s=\\"%s\\"", (at > 1 ? " " : ""), name, value
    else printf "%s%s", (at > 1 ? " " : ""), value
  }
  printf "%s", (mode == "json" ? "}" : "\\n") }
END { if (mode == "json") printf "]\\n}\\n"; if (devices != "" && shown == 0) { print "lsblk: not a block device" > "/dev/stderr"; exit 32 } }
' '@TABLE@'
`
