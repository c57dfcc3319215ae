import type { Machine } from '../../lab/world/types.ts'
import { startFakeBmc } from '../../src/drivers/bmc/redfish/testing/fake-bmc.ts'
import { resetPath, systemPath } from '../../src/drivers/bmc/redfish/testing/fake-resources.ts'
import type { FakeBmc, Seen } from '../../src/drivers/bmc/redfish/testing/fake-types.ts'

/** A Redfish service for a machine of the lab, at the address of its BMC beside IPMI. */
export async function redfishOnLab(machine: Machine): Promise<FakeBmc> {
  const fake = await startFakeBmc({ host: machine.bmc.address })
  fake.answer = (ask, usual) => {
    if (ask.path === resetPath && ask.method === 'POST') {
      act(machine, String(ask.body?.ResetType))
      return { status: 204 }
    }
    if (ask.path !== systemPath) return undefined
    show(fake, machine)
    const reply = usual()
    if (ask.method === 'PATCH' && reply.status < 300) setBoot(machine, ask)
    return reply
  }
  return fake
}

function act(machine: Machine, type: string): void {
  if (type === 'On') machine.powerOn()
  if (type === 'ForceOff') machine.powerOff()
  if (type === 'GracefulShutdown') machine.softOff()
  if (type === 'ForceRestart') machine.reset()
}

const targets = { network: 'Pxe', disk: 'Hdd', cdrom: 'Cd', bios: 'BiosSetup', none: 'None' }

/** One-time flags are used up by the machine: what it has now counts. */
function show(fake: FakeBmc, machine: Machine): void {
  fake.machine.power = machine.power() === 'on' ? 'On' : 'Off'
  const { valid, persistent, device } = machine.bootFlags
  Object.assign(fake.machine.boot, {
    BootSourceOverrideTarget: valid ? targets[device] : 'None',
    BootSourceOverrideEnabled: valid ? (persistent ? 'Continuous' : 'Once') : 'Disabled',
  })
}

function setBoot(machine: Machine, ask: Seen): void {
  const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled } = ask.body.Boot ?? {}
  const persistent = enabled === undefined ? machine.bootFlags.persistent : enabled === 'Continuous'
  const device = target === 'Pxe' ? 'network' : target === 'Hdd' ? 'disk' : 'none'
  machine.bootFlags = { valid: device !== 'none', persistent, efi: true, device }
}
