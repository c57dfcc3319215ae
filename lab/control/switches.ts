import { z } from 'zod'
import { foreignEdit } from '../switch/foreign-edit.ts'
import { membershipIn } from '../switch/model.ts'
import { comparePorts } from '../switch/port-name.ts'
import type { SwitchServer } from '../switch/server.ts'
import type { Lab } from '../types.ts'
import type { Call, Route } from './http.ts'
import { ControlError } from './http.ts'

/** The truth about the switches' ports, and their power buttons. */
export function switchRoutes(lab: Lab): Route[] {
  const find = (call: Call): SwitchServer => {
    const found = lab.switches.get(call.param('switch'))
    if (found === undefined) throw new ControlError(404, `no switch ${call.param('switch')} in this lab`)
    return found
  }
  return [
    {
      method: 'GET',
      pattern: '/switches',
      handle: () =>
        [...lab.switches.values()].map(({ name, address, port, root, model }) => ({
          name,
          address,
          port,
          root,
          vlans: [...model.running.vlans].map(([vlan, { description }]) => ({ vlan, description })),
        })),
    },
    {
      method: 'GET',
      pattern: '/switches/:switch/ports',
      handle(call) {
        const { model } = find(call)
        const ports = [...model.running.ports].filter(([, { type }]) => type !== 'portchannel')
        const names = ports.map(([name]) => name).sort(comparePorts)
        return names.map((port) => ({
          port,
          host:
            lab.world.machines.find(({ nics }) =>
              nics.some(({ cable }) => cable.switch === find(call).address && cable.port === port),
            )?.name ?? null,
          running: model.membership(port),
          startup: membershipIn(model.startup, true, port),
        }))
      },
    },
    {
      method: 'POST',
      pattern: '/switches/:switch/ports/:port/foreign-edit',
      handle(call) {
        const { model } = find(call)
        const { vlan } = z.strictObject({ vlan: z.int() }).parse(call.body)
        try {
          foreignEdit(model, call.param('port'), vlan)
        } catch (error) {
          if (error instanceof RangeError) throw new ControlError(409, error.message)
          throw error
        }
        return model.membership(call.param('port'))
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
