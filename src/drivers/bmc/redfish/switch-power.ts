import { FerruleError } from '../../../domain/errors.ts'
import type { HostLease } from '../../../domain/lease.ts'
import { mayHaveRun, uncertain } from './errors.ts'
import { readPower, readSettled } from './power.ts'
import { type ResetType, reset } from './reset.ts'
import type { RedfishSystem, SystemReading } from './system.ts'

const types = {
  on: ['On', 'ForceOn', 'PushPowerButton'],
  off: ['ForceOff'],
  soft: ['GracefulShutdown'],
  cycle: ['ForceRestart', 'PowerCycle'],
} as const satisfies Record<string, readonly [ResetType, ...ResetType[]]>

/**
 * On or off, if it is not so already. After a lost answer the state decides; and since both mean a state and not a
 * change, they may be sent again. A pushed button is a change: it is pushed once, and only when the machine is off.
 */
export async function switchPower(
  system: RedfishSystem,
  lease: HostLease,
  wanted: 'on' | 'off',
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const reading = await readSettled(system)
    if (reading.power === wanted) return
    if (wanted === 'on' && reading.power === 'unknown') throw unknownPower(system)
    try {
      await reset(system, reading, lease, attempt === 1 ? types[wanted] : absolute(wanted))
      return
    } catch (error) {
      if (attempt === 2 && isUnsupported(error)) throw uncertain(system.client.address, `switch ${wanted}`)
      if (attempt === 2 || !mayHaveRun(error)) throw error
    }
  }
}

/** It knows the button alone. */
function isUnsupported(error: unknown): boolean {
  return error instanceof FerruleError && error.code === 'bmc-unsupported'
}

function absolute(wanted: 'on' | 'off'): readonly [ResetType, ...ResetType[]] {
  return wanted === 'on' ? ['On', 'ForceOn'] : types.off
}

/**
 * Asked for once. After a lost answer only a BMC that does not answer at all is an error: the caller looks at the power
 * anyway, and either it was heard, or the machine stays on.
 */
export async function softOff(system: RedfishSystem, lease: HostLease): Promise<void> {
  const reading = await readSettled(system)
  if (reading.power === 'off') return
  try {
    await reset(system, reading, lease, types.soft)
  } catch (error) {
    if (!mayHaveRun(error)) throw error
    await readPower(system)
  }
}

/** Never sent a second time: a running host would be cut off twice. */
export async function powerCycle(system: RedfishSystem, lease: HostLease): Promise<void> {
  const before = await readSettled(system)
  try {
    await reset(system, before, lease, types.cycle)
  } catch (error) {
    if (!mayHaveRun(error)) throw error
    if (wasReset(before, await readSettled(system))) return
    throw uncertain(system.client.address, 'restart the system')
  }
}

function wasReset(before: SystemReading, after: SystemReading): boolean {
  const { LastResetTime } = after.system
  return LastResetTime !== null && LastResetTime !== before.system.LastResetTime
}

function unknownPower(system: RedfishSystem): FerruleError {
  return new FerruleError(
    'power-unknown',
    `BMC ${system.client.address} does not say whether the host is on.`,
    'Look at the BMC; nothing is switched on while that is unknown.',
    { address: system.client.address },
  )
}
