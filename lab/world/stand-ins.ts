import { chmodSync, linkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Programs that a system's scripts may call and that must not act on this computer: they do nothing, well. */
const IDLE = `
  apt apt-get dpkg dpkg-reconfigure snap update-initramfs update-grub grub-install netplan
  networkctl resolvectl ip ifup ifdown dhclient ethtool iptables nft ufw hostname hostnamectl
  timedatectl loginctl service systemd-run crontab at wall logger sysctl modprobe rmmod udevadm
  mount umount swapoff swapon curl wget useradd usermod userdel groupadd passwd chpasswd chown
  chgrp
`
  .trim()
  .split(/\s+/)

const POWER = ['poweroff', 'halt', 'reboot', 'shutdown', 'init', 'telinit', 'systemctl', 'kexec']

export const STAND_INS: ReadonlySet<string> = new Set([...IDLE, ...POWER, 'cloud-init'])

/** A request for power that a script made through a stand-in; `null` if none. */
export type PowerRequest = 'poweroff' | 'reboot' | null

/** Names, in a script's environment, of the system's root folder and of the folder for what the stand-ins leave. */
export const ROOT_VARIABLE = 'LAB_SYSTEM_ROOT'
export const STATE_VARIABLE = 'LAB_SYSTEM_STATE'

/**
 * Writes the stand-ins into `folder`: one program under many names. Each script gets its own, so that they cannot be
 * swept away from under a long-running lab, and nothing stays behind.
 */
export function writeStandIns(folder: string): void {
  const program = join(folder, 'stand-in')
  writeFileSync(program, PROGRAM)
  chmodSync(folder, 0o755)
  chmodSync(program, 0o755)
  for (const name of STAND_INS) linkSync(program, join(folder, name))
}

function powerBody(name: string): string {
  const ask = (what: string) => `echo ${what} >"$state/power"`
  if (name === 'systemctl') {
    return `case " $* " in *" reboot "*) ${ask('reboot')};; *" poweroff "*|*" halt "*) ${ask('poweroff')};; esac\n`
  }
  if (name === 'shutdown') {
    return `case " $* " in *" -c "*) rm -f "$state/power";; *" -r "*) ${ask('reboot')};; *) ${ask('poweroff')};; esac\n`
  }
  if (name === 'init' || name === 'telinit') {
    return `case "$1" in 0) ${ask('poweroff')};; 6) ${ask('reboot')};; esac\n`
  }
  return `${ask(name === 'reboot' || name === 'kexec' ? 'reboot' : 'poweroff')}\n`
}

/** `cloud-init clean` as cloudinit/cmd/clean.py does it: everything under /var/lib/cloud but the seed. */
const CLOUD_INIT = `[ "$1" = clean ] || exit 0
shift
for entry in "$root"/var/lib/cloud/*; do
  [ "\${entry##*/}" = seed ] || rm -rf "$entry"
done
while [ $# -gt 0 ]; do
  case "$1" in
    --logs|-l) rm -f "$root"/var/log/cloud-init*.log ;;
    --machine-id) mkdir -p "$root/etc"; echo uninitialized >"$root/etc/machine-id" ;;
    --seed|-s) rm -rf "$root/var/lib/cloud/seed" ;;
    --reboot|-r) echo reboot >"$state/power" ;;
    --configs|-c) case "$2" in all|network) rm -f "$root/etc/netplan/50-cloud-init.yaml" ;; esac; shift ;;
  esac
  shift
done
exit 0
`

/** A script that emptied its environment gets nothing done, and never near a real path. */
const PROGRAM = `#!/bin/sh
name=\${0##*/} root=$${ROOT_VARIABLE} state=$${STATE_VARIABLE}
case "$name" in
${POWER.map((name) => `  ${name}) [ -d "$state" ] || exit 1; ${powerBody(name).trim()} ;;`).join('\n')}
  cloud-init) [ -d "$root" ] && [ -d "$state" ] || exit 1
${CLOUD_INIT} ;;
esac
exit 0
`
