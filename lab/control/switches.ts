import { z } from 'zod'
import type { LabSwitch } from '../tor/lab-switch.ts'
import type { Lab } from '../types.ts'
import type { Call, Route } from './http.ts'
import { ControlError } from './http.ts'

/** The truth about the switches' ports, and their power buttons. */
export function switchRoutes(lab: Lab): Route[] {
  const find = (call: Call): LabSwitch => {
    const found = lab.switches.get(call.param('switch'))
    if (found === undefined) throw new ControlError(404, `no switch ${call.param('switch')} in this lab`)
    return found
  }
  return [
    {
      method: 'GET',
      pattern: '/switches',
      handle: () =>
        [...lab.switches.values()].map((one) => {
          const { name, address, port, type } = one
          return { name, address, port, type, ...rootOf(lab, name), vlans: one.vlans() }
        }),
    },
    {
      method: 'GET',
      pattern: '/switches/:switch/ports',
      handle(call) {
        const found = find(call)
        return found.ports().map((port) => ({
          port,
          host:
            lab.world.machines.find(({ nics }) =>
              nics.some(({ cable }) => cable.switch === found.address && cable.port === port),
            )?.name ?? null,
          running: found.membership(port),
          startup: found.saved(port),
        }))
      },
    },
    {
      method: 'POST',
      pattern: '/switches/:switch/ports/:port/foreign-edit',
      handle(call) {
        const found = find(call)
        const { vlan } = z.strictObject({ vlan: z.int() }).parse(call.body)
        try {
          found.foreignEdit(call.param('port'), vlan)
        } catch (error) {
          if (error instanceof RangeError) throw new ControlError(409, error.message)
          throw error
        }
        return found.membership(call.param('port'))
      },
    },
    {
      method: 'POST',
      pattern: '/switches/:switch/reboot',
      async handle(call) {
        await find(call).reboot()
        return { rebooted: true }
      },
    },
  ]
}

/** FTOS serves REST below one of two roots. */
function rootOf({ plan }: Lab, name: string): { root?: string } {
  const found = plan.switches.find((one) => one.name === name)
  return found?.make === 'force10' ? { root: found.root } : {}
}
