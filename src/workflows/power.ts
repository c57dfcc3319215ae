import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import type { BootDevice, PowerState } from '../drivers/bmc/types.ts'
import { setPower } from '../store/hosts.ts'
import type { Tools } from './tools.ts'

/** A fresh reading from the BMC itself; `unknown` is an error here, never off. */
export async function readPower(tools: Tools, host: Host): Promise<'on' | 'off'> {
  const bmc = await tools.bmc(host)
  const state: PowerState = await bmc.power()
  await setPower(tools.db, host.id, state)
  if (state === 'unknown') {
    throw new FerruleError(
      'power-unknown',
      `the BMC of ${host.name} does not say whether the host is on`,
      'Look at the BMC; nothing is switched while its state is unknown.',
      { host: host.name },
    )
  }
  return state
}

/** Hard off, and confirmed by the BMC. */
export async function ensureOff(tools: Tools, host: Host, lease: HostLease): Promise<void> {
  if ((await readPower(tools, host)) === 'off') return
  const bmc = await tools.bmc(host)
  await bmc.powerOff(lease)
  await waitForPower(tools, host, 'off')
}

/** Never over a running host: a host that is on already is where it should be. */
export async function ensureOn(tools: Tools, host: Host, lease: HostLease): Promise<void> {
  if ((await readPower(tools, host)) === 'on') return
  const bmc = await tools.bmc(host)
  await bmc.powerOn(lease)
  await waitForPower(tools, host, 'on')
}

/** Asks the system to shut down and gives it a grace time; false if it did not. The question is asked once. */
export async function softOff(tools: Tools, host: Host, lease: HostLease): Promise<boolean> {
  if ((await readPower(tools, host)) === 'off') return true
  const bmc = await tools.bmc(host)
  await bmc.softOff(lease)
  const until = tools.now() + tools.policy.deadlines.softOff
  while (tools.now() < until) {
    await tools.sleep(tools.policy.poll.power)
    if ((await readPower(tools, host)) === 'off') return true
  }
  return false
}

async function waitForPower(tools: Tools, host: Host, wanted: 'on' | 'off'): Promise<void> {
  const until = tools.now() + tools.policy.deadlines.powerSettle
  for (;;) {
    if ((await readPower(tools, host)) === wanted) return
    if (tools.now() > until) {
      throw new FerruleError(
        'power-stuck',
        `the BMC of ${host.name} accepted power ${wanted}, but the host stays ${wanted === 'on' ? 'off' : 'on'}`,
        'Look at the host and reset its BMC; then retry the operation.',
        { host: host.name },
      )
    }
    await tools.sleep(tools.policy.poll.power)
  }
}

/** Persistent, and read back. */
export async function ensureBootDevice(
  tools: Tools,
  host: Host,
  lease: HostLease,
  device: BootDevice,
): Promise<void> {
  const bmc = await tools.bmc(host)
  const current = await bmc.bootDevice()
  if (current.valid && current.persistent && current.device === device) return
  await bmc.setBootDevice(lease, device, { persistent: true, efi: tools.policy.efi })
}
