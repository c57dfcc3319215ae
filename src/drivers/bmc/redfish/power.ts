import type { PowerState } from '../types.ts'
import { wait } from './options.ts'
import type { RedfishSystem, SystemReading } from './system.ts'

const what = 'show its power state'

/** Of Resource.PowerState (DSP0268); Paused is a machine that runs but is stopped. Whatever else there is, is unknown. */
const states: ReadonlyMap<string, PowerState | 'changing'> = new Map([
  ['On', 'on'],
  ['Off', 'off'],
  ['Paused', 'on'],
  ['PoweringOn', 'changing'],
  ['PoweringOff', 'changing'],
])

/**
 * The power state. A BMC that is switching is asked again until it has settled; one that goes on switching has no
 * state that anybody may rely on.
 */
export async function readPower(system: RedfishSystem): Promise<PowerState> {
  return (await readSettled(system)).power
}

export async function readSettled(system: RedfishSystem): Promise<SystemReading & { power: PowerState }> {
  const { settings } = system.client
  for (let waited = 0; ; waited += 1) {
    const reading = await system.read(what)
    const power = states.get(reading.system.PowerState ?? '') ?? 'unknown'
    if (power !== 'changing') return { ...reading, power }
    if (waited >= settings.transitionSeconds) return { ...reading, power: 'unknown' }
    await wait(settings, 1)
  }
}
