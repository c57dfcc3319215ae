import { z } from 'zod'
import type { FaultTarget } from '../faults/fault-target.ts'
import { DialError } from '../faults/fault-target.ts'
import type { Lab } from '../types.ts'
import type { Route } from './http.ts'
import { ControlError } from './http.ts'

const dialsShape = z.record(z.string(), z.unknown())

/** Every dial of the lab: /faults/maas, /faults/bmc/:machine, /faults/machine/:machine, /faults/switch/:switch. */
export function faultRoutes({ faults }: Lab): Route[] {
  const find = (path: string): FaultTarget => {
    const target = faults.get(path)
    if (target === undefined) throw new ControlError(404, `no faults at ${path}`)
    return target
  }
  const set = async (path: string, dials: unknown): Promise<unknown> => {
    const target = find(path)
    try {
      await target.set(dialsShape.parse(dials))
    } catch (error) {
      if (error instanceof DialError) throw new ControlError(400, `${path}: ${error.message}`)
      throw error
    }
    return target.get()
  }
  const all = () => Object.fromEntries([...faults].map(([path, target]) => [path, target.get()]))
  return [
    {
      method: 'GET',
      pattern: '/dials',
      handle: () => [...faults].map(([path, target]) => ({ path, dials: target.get(), rest: target.rest() })),
    },
    { method: 'GET', pattern: '/faults', handle: all },
    {
      method: 'PUT',
      pattern: '/faults',
      /** Body: {"maas": {…}, "bmc/r1-h1": {…}}. */
      async handle({ body }) {
        const wanted = z.record(z.string(), dialsShape).parse(body)
        for (const path of Object.keys(wanted)) find(path)
        for (const [path, dials] of Object.entries(wanted)) await set(path, dials)
        return all()
      },
    },
    {
      method: 'DELETE',
      pattern: '/faults',
      async handle() {
        for (const target of faults.values()) await target.reset()
        return all()
      },
    },
    { method: 'GET', pattern: '/faults/maas', handle: () => find('maas').get() },
    { method: 'PUT', pattern: '/faults/maas', handle: ({ body }) => set('maas', body) },
    {
      method: 'GET',
      pattern: '/faults/:kind/:name',
      handle: (call) => find(`${call.param('kind')}/${call.param('name')}`).get(),
    },
    {
      method: 'PUT',
      pattern: '/faults/:kind/:name',
      handle: (call) => set(`${call.param('kind')}/${call.param('name')}`, call.body),
    },
  ]
}
