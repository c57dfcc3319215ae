import { z } from 'zod'
import { RouterError } from '../cloudstack/routers.ts'
import type { Lab } from '../types.ts'
import type { Call, Route } from './http.ts'
import { ControlError } from './http.ts'

const networkShape = z.strictObject({ vlan: z.number().int(), cidr: z.string(), name: z.string().min(1) })
const nicShape = z.strictObject({
  mac: z.string().optional(),
  userData: z.string().optional(),
  sshKeys: z.array(z.string()).optional(),
  hostname: z.string().optional(),
})

/** CloudStack's side of the networks: virtual routers and the NICs that they know. */
export function networkRoutes({ routers }: Lab): Route[] {
  return [
    { method: 'GET', pattern: '/networks', handle: () => routers.networks() },
    {
      method: 'POST',
      pattern: '/networks',
      handle: ({ body }) => refusable(() => routers.addNetwork(networkShape.parse(body))),
    },
    {
      method: 'DELETE',
      pattern: '/networks/:vlan',
      handle: (call) => refusable(() => routers.removeNetwork(vlanOf(call))),
    },
    {
      method: 'POST',
      pattern: '/networks/:vlan/nics',
      handle: (call) => refusable(() => routers.reserve(vlanOf(call), nicShape.parse(call.body))),
    },
    {
      method: 'DELETE',
      pattern: '/networks/:vlan/nics/:mac',
      handle: (call) => refusable(() => routers.release(vlanOf(call), call.param('mac'))),
    },
    { method: 'GET', pattern: '/leases', handle: () => routers.leases() },
  ]
}

function vlanOf(call: Call): number {
  return Number(call.param('vlan'))
}

function refusable<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RouterError) throw new ControlError(409, error.message)
    throw error
  }
}
