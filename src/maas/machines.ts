import { z } from 'zod'
import type { Ask, Pairs } from './exchange.ts'
import { toMachine } from './from-wire.ts'
import type { Http } from './http.ts'
import { isMaasError } from './http-errors.ts'
import type { Maas, MaasMachine } from './types.ts'
import { decode, machineSchema, powerParametersSchema, powerStateSchema } from './wire.ts'

type Reads = Pick<Maas, 'machine' | 'machines' | 'bmcPowerParameters' | 'queryPower'>

export function machineReads(http: Http): Reads {
  async function machine(systemId: string): Promise<MaasMachine> {
    const ask: Ask = { what: `show machine ${systemId}`, method: 'GET', path: machinePath(systemId) }
    return toMachine(decode(machineSchema, ask, await http.read(ask)))
  }

  return {
    machine,

    async machines(filter = {}) {
      const ask: Ask = { what: 'list machines', method: 'GET', path: 'machines/', query: constraints(filter) }
      return decode(z.array(machineSchema), ask, await http.read(ask)).map(toMachine)
    },

    async bmcPowerParameters(systemId) {
      const type = (await machine(systemId)).powerType
      if (type !== 'ipmi' && type !== 'redfish') return null
      const ask: Ask = {
        what: `show the BMC of machine ${systemId}`,
        method: 'GET',
        path: machinePath(systemId),
        op: 'power_parameters',
      }
      const found = decode(powerParametersSchema, ask, await http.read(ask))
      const login = { address: found.power_address, username: found.power_user, password: found.power_pass }
      return { type, ...login, ...(found.node_id === '' ? {} : { node: found.node_id }) }
    },

    // Not repeated: each try may take the rack controller's 60 s. A BMC that does not answer is 200 "error" in
    // MAAS 3.4 and 500, 503 or 504 in 3.7; both say that MAAS does not know, which is an answer here.
    async queryPower(systemId) {
      const ask: Ask = {
        what: `ask the BMC of machine ${systemId}`,
        method: 'GET',
        path: machinePath(systemId),
        op: 'query_power_state',
      }
      try {
        return decode(powerStateSchema, ask, await http.read(ask, { once: true })).state
      } catch (error) {
        if (isMaasError(error, [500, 503, 504])) return 'error'
        throw error
      }
    },
  }
}

export function machinePath(systemId: string): string {
  return `machines/${encodeURIComponent(systemId)}/`
}

function constraints(filter: Parameters<Maas['machines']>[0] & object): Pairs {
  const pairs: [string, string][] = []
  for (const id of filter.ids ?? []) pairs.push(['id', id])
  // MAAS stores MACs in lower case and compares them as text.
  for (const mac of filter.macs ?? []) pairs.push(['mac_address', mac.toLowerCase()])
  if (filter.hostname !== undefined) pairs.push(['hostname', filter.hostname])
  if (filter.agentName !== undefined) pairs.push(['agent_name', filter.agentName])
  for (const tag of filter.tags ?? []) pairs.push(['tags', tag])
  return pairs
}
