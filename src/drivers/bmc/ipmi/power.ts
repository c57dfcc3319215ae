import type { HostLease } from '../../../domain/lease.ts'
import type { PowerState } from '../types.ts'
import type { Channel } from './client.ts'
import { chassisControl, decodeChassisPower, getChassisStatus } from './commands.ts'
import { malformed, uncertain, unreachable } from './errors.ts'

/** The chassis power as the BMC reports it. */
export async function readPower(channel: Channel): Promise<PowerState> {
  const state = decodeChassisPower(await channel.request(getChassisStatus))
  if (state === undefined) throw malformed(channel.address, getChassisStatus.name, 'an empty chassis status')
  return state
}

/** Power up or down. Both are idempotent, so after a lost reply the state decides, and the command may go out again. */
export async function switchPower(channel: Channel, lease: HostLease, wanted: 'on' | 'off'): Promise<void> {
  const command = wanted === 'on' ? chassisControl.powerUp : chassisControl.powerDown
  if ((await channel.attempt(command, lease, { idempotent: true })) !== undefined) return
  if ((await readPower(channel)) === wanted) return
  if ((await channel.attempt(command, lease, { idempotent: true })) !== undefined) return
  throw unreachable(channel.address, `silence to "${command.name}" in two sessions`)
}

/** Power cycle, reset or soft shutdown: never sent a second time, since the first may have been heard. */
export async function controlOnce(
  channel: Channel,
  lease: HostLease,
  action: 'powerCycle' | 'hardReset' | 'softShutdown',
) {
  // A kept session may have been forgotten by the BMC. The read finds that out while it costs nothing.
  await readPower(channel)
  const command = chassisControl[action]
  const reply = await channel.attempt(command, lease, { idempotent: false })
  if (reply === undefined) throw uncertain(channel.address, command.name, 'silence, though the BMC is up')
}
