import { rackFile, rackFileWithUnits } from '../rack-file.ts'
import type { Lab } from '../types.ts'
import { cloudstackRoutes } from './cloudstack.ts'
import { faultRoutes } from './faults.ts'
import type { Call, Route } from './http.ts'
import { ControlError } from './http.ts'
import { machineRoutes } from './machines.ts'
import { networkRoutes } from './networks.ts'
import { roomRoutes } from './room.ts'
import { switchRoutes } from './switches.ts'

/** The lab's control API: what a witness in the room would say, and what CloudStack and fate would do. */
export function controlRoutes(lab: Lab): Route[] {
  return [
    { method: 'GET', pattern: '/', handle: () => lab.facts() },
    {
      method: 'GET',
      pattern: '/rack-file',
      handle: ({ query }) => (query.has('units') ? rackFileWithUnits : rackFile)(lab.plan),
    },
    { method: 'GET', pattern: '/diary', handle: (call) => diary(lab, call) },
    ...machineRoutes(lab),
    ...switchRoutes(lab),
    ...roomRoutes(lab),
    ...networkRoutes(lab),
    ...cloudstackRoutes(lab),
    ...faultRoutes(lab),
  ]
}

/** Sightings after the N-th one, oldest first; `next` is the N to ask with next time. */
function diary(lab: Lab, call: Call): unknown {
  const after = Number(call.query.get('after') ?? 0)
  if (!Number.isInteger(after) || after < 0) throw new ControlError(400, '?after= is a number of sightings')
  const machine = call.query.get('machine')
  const sightings = lab.world.diary
    .map((sighting, index) => ({ n: index + 1, ...sighting }))
    .slice(after)
    .filter((sighting) => machine === null || sighting.machine === machine)
  return { next: lab.world.diary.length, sightings }
}
