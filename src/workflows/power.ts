import type { ErrorCode } from '../domain/errors.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import type { HostLease } from '../domain/lease.ts'
import type { Bmc, BootDevice, PowerState } from '../drivers/bmc/types.ts'
import { setPower } from '../store/power-readings.ts'
import type { Tools } from './tools.ts'

/** A fresh reading from the BMC itself; `unknown` is an error here, never off. */
export async function readPower(tools: Tools, host: Host): Promise<'on' | 'off'> {
  return powerOf(tools, host, await tools.bmc(host))
}

async function powerOf(tools: Tools, host: Host, bmc: Bmc): Promise<'on' | 'off'> {
  const state: PowerState = await bmc.power()
  await recordPower(tools, host, state)
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

/** What our records say of each host that a step works with: as it was read, then as this step wrote it. */
const recorded = new WeakMap<Host, { state: PowerState; at: number }>()

/** A step asks many times and hears the same; only news, or what makes an old record young again, is worth a write. */
async function recordPower(tools: Tools, host: Host, state: PowerState): Promise<void> {
  const known = recorded.get(host) ?? { state: host.power.state, at: Date.parse(host.power.at ?? '') || 0 }
  if (known.state === state && tools.now() - known.at < RECORD_AGAIN_MS) return
  await setPower(tools.db, host.id, state)
  recorded.set(host, { state, at: tools.now() })
}

const RECORD_AGAIN_MS = 1_000

/** Hard off, and confirmed by the BMC. */
export async function ensureOff(tools: Tools, host: Host, lease: HostLease): Promise<void> {
  const bmc = await tools.bmc(host)
  if ((await powerOf(tools, host, bmc)) === 'off') return
  await bmc.powerOff(lease)
  await waitForPower(tools, host, bmc, 'off')
}

/** Never over a running host: a host that is on already is where it should be. */
export async function ensureOn(tools: Tools, host: Host, lease: HostLease): Promise<void> {
  const bmc = await tools.bmc(host)
  if ((await powerOf(tools, host, bmc)) === 'on') return
  await bmc.powerOn(lease)
  await waitForPower(tools, host, bmc, 'on')
}

/**
 * Asks the system to shut down and gives it a grace time; false if it did not, or if this BMC has no way to ask. The
 * question is asked once.
 */
export async function softOff(tools: Tools, host: Host, lease: HostLease): Promise<boolean> {
  const bmc = await tools.bmc(host)
  if ((await powerOf(tools, host, bmc)) === 'off') return true
  if (!(await unless('bmc-unsupported', () => bmc.softOff(lease).then(() => true)))) return false
  const until = tools.now() + tools.policy.deadlines.softOff
  while (tools.now() < until) {
    await tools.sleep(tools.policy.poll.power)
    // while a system shuts down, some BMCs say neither on nor off
    if ((await unless('power-unknown', () => powerOf(tools, host, bmc))) === 'off') return true
  }
  return false
}

/** Null where it ends with this error. */
async function unless<T>(code: ErrorCode, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof FerruleError && error.code === code) return null
    throw error
  }
}

/**
 * MAAS is about to boot the host. Where a person switches it, they have to know; and what they said before no longer
 * counts from here on.
 */
export async function tellToSwitchOn(tools: Tools, host: Host, lease: HostLease): Promise<void> {
  if (host.bmc.protocol === 'manual') await (await tools.bmc(host)).powerOn(lease)
}

async function waitForPower(tools: Tools, host: Host, bmc: Bmc, wanted: 'on' | 'off'): Promise<void> {
  const until = tools.now() + tools.policy.deadlines.powerSettle
  for (;;) {
    if ((await powerOf(tools, host, bmc)) === wanted) return
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
