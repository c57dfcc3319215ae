import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Programs that a system's scripts may call and that must not act on this computer: they do nothing, well. */
const IDLE = [
  'apt', 'apt-get', 'dpkg', 'dpkg-reconfigure', 'snap', 'netplan', 'networkctl', 'resolvectl', 'ip', 'ifup', 'ifdown', 'dhclient',
  'hostname', 'hostnamectl', 'timedatectl', 'loginctl', 'service', 'update-initramfs', 'update-grub', 'grub-install',
  'sysctl', 'modprobe', 'rmmod', 'udevadm', 'mount', 'umount', 'swapoff', 'swapon', 'iptables', 'nft', 'ufw', 'useradd', 'usermod',
  'userdel', 'groupadd', 'passwd', 'chpasswd', 'chown', 'chgrp', 'crontab', 'systemd-run', 'at', 'wall', 'logger', 'curl', 'wget', 'ethtool',
] // biome-ignore format: a plain list

const POWER = ['poweroff', 'halt', 'reboot', 'shutdown', 'init', 'telinit', 'systemctl', 'kexec']

export const STAND_INS: ReadonlySet<string> = new Set([...IDLE, ...POWER, 'cloud-init'])

/** A request for power that a script made through a stand-in; `null` if none. */
export type PowerRequest = 'poweroff' | 'reboot' | null

/** Writes the stand-ins into `folder`; they log to `folder`/log and leave a wish for power in `folder`/power. */
export function writeStandIns(folder: string, root: string): void {
  const put = (name: string, body: string) => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >>'${folder}/log'\n${body}`)
    chmodSync(path, 0o755)
  }
  for (const name of IDLE) put(name, 'exit 0\n')
  for (const name of POWER) put(name, powerBody(name, folder))
  put('cloud-init', cloudInitBody(folder, root))
}

function powerBody(name: string, folder: string): string {
  const ask = (what: string) => `echo ${what} >'${folder}/power'`
  if (name === 'systemctl') {
    return `case " $* " in *" reboot "*) ${ask('reboot')};; *" poweroff "*|*" halt "*) ${ask('poweroff')};; esac\n`
  }
  if (name === 'shutdown')
    return `case " $* " in *" -c "*) rm -f '${folder}/power';; *" -r "*) ${ask('reboot')};; *) ${ask('poweroff')};; esac\n`
  if (name === 'init' || name === 'telinit')
    return `case "$1" in 0) ${ask('poweroff')};; 6) ${ask('reboot')};; esac\n`
  return `${ask(name === 'reboot' || name === 'kexec' ? 'reboot' : 'poweroff')}\n`
}

/** `cloud-init clean` as cloudinit/cmd/clean.py does it: everything under /var/lib/cloud but the seed. */
function cloudInitBody(folder: string, root: string): string {
  return `[ "$1" = clean ] || exit 0
shift
for entry in '${root}'/var/lib/cloud/*; do
  [ "\${entry##*/}" = seed ] || rm -rf "$entry"
done
while [ $# -gt 0 ]; do
  case "$1" in
    --logs|-l) rm -f '${root}'/var/log/cloud-init*.log ;;
    --machine-id) mkdir -p '${root}/etc'; echo uninitialized >'${root}/etc/machine-id' ;;
    --seed|-s) rm -rf '${root}/var/lib/cloud/seed' ;;
    --reboot|-r) echo reboot >'${folder}/power' ;;
    --configs|-c) case "$2" in all|network) rm -f '${root}/etc/netplan/50-cloud-init.yaml' ;; esac; shift ;;
  esac
  shift
done
exit 0
`
}
