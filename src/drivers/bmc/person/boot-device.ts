import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import { confirmCommand } from '../../../domain/person.ts'
import type { BmcHost, BootDevice, BootDeviceControl } from '../types.ts'
import { type PersonSettings, waitForWord } from './desk.ts'

/**
 * The boot device where only a person can set it. Their word holds until another device is asked for: nothing of ours
 * changes it, and a person who changed it has to say so.
 */
export function personBootDevice(
  settings: PersonSettings,
  host: BmcHost,
  stopped: () => boolean,
): BootDeviceControl {
  async function setBootDevice(lease: HostLease, device: BootDevice): Promise<void> {
    await lease.check()
    await settings.desk.ask(host.id, 'boot-device', question(host, device), lease.holder)
    const wordMs = Number.POSITIVE_INFINITY
    const says = await waitForWord(settings, host, 'boot-device', { wordMs, stopped })
    if (says === device) return
    throw new FerruleError(
      'boot-device-unset',
      says === null
        ? `nobody has said that the boot device of ${host.name} is ${device}`
        : `the boot device of ${host.name} is to be ${device}, but a person says ${says}`,
      `${question(host, device)} Then say so: "${confirmCommand('boot-device', host.name)}".`,
      { host: host.name, wanted: device },
    )
  }

  return {
    async bootDevice() {
      const { word } = await settings.desk.look(host.id, 'boot-device')
      if (word?.says === 'network' || word?.says === 'disk')
        return { device: word.says, persistent: true, valid: true }
      return { device: 'none', persistent: false, valid: false }
    },
    setBootDevice,
  }
}

/** The firmware's own order: MAAS replaces an override in the BMC whenever it switches the host on. */
function question(host: BmcHost, device: BootDevice): string {
  return device === 'network'
    ? `Set the boot order in the firmware of ${host.name} to network alone: from its disk it would bring a tenant's system into the PXE VLAN.`
    : `Set the boot order in the firmware of ${host.name} to disk.`
}
