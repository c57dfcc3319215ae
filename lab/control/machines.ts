import { z } from 'zod'
import type { ManagementController } from '../bmc/controller.ts'
import type { Lab } from '../types.ts'
import type { Disk, Machine } from '../world/types.ts'
import { findMachine } from './find-machine.ts'
import type { Call, Route } from './http.ts'
import { ControlError } from './http.ts'

/** What a person in the room can see of machines and do to them. */
export function machineRoutes(lab: Lab): Route[] {
  const machineOf = (call: Call) => findMachine(lab, call.param('machine'))
  return [
    {
      method: 'GET',
      pattern: '/machines',
      handle: () => lab.world.machines.map((machine) => machineView(lab, machine)),
    },
    { method: 'GET', pattern: '/machines/:machine', handle: (call) => machineView(lab, machineOf(call)) },
    {
      method: 'GET',
      pattern: '/machines/:machine/disks/:disk/contains',
      handle(call) {
        const text = call.query.get('text')
        if (text === null || text === '') throw new ControlError(400, 'ask with ?text=…')
        return { contains: findDisk(machineOf(call), call.param('disk')).contains(Buffer.from(text)) }
      },
    },
    {
      method: 'GET',
      pattern: '/machines/:machine/files',
      handle(call) {
        const path = call.query.get('path')
        if (path === null || path === '') throw new ControlError(400, 'ask with ?path=…')
        const text = machineOf(call).installedFiles()?.[path]
        if (text === undefined) throw new ControlError(404, `no file ${path} on ${call.param('machine')}`)
        return { path, text }
      },
    },
    {
      method: 'GET',
      pattern: '/machines/:machine/console',
      handle: (call) => ({ text: machineOf(call).serialPort.history().toString() }),
    },
    {
      method: 'POST',
      pattern: '/machines/:machine/nics/:nic/link',
      handle(call) {
        const { up } = z.strictObject({ up: z.boolean() }).parse(call.body)
        const machine = machineOf(call)
        const nic = machine.nics.find(({ name }) => name === call.param('nic'))
        if (nic === undefined) throw new ControlError(404, `${machine.name} has no NIC ${call.param('nic')}`)
        lab.world.setLink(machine.name, nic.name, up)
        return machineView(lab, machine)
      },
    },
    {
      method: 'POST',
      pattern: '/machines/:machine/button',
      handle(call) {
        const { press } = z.strictObject({ press: z.enum(['power', 'reset']) }).parse(call.body)
        const machine = machineOf(call)
        controllerOf(lab, machine).pressButton(press)
        return machineView(lab, machine)
      },
    },
    {
      method: 'POST',
      pattern: '/machines/:machine/bmc/restart',
      handle(call) {
        controllerOf(lab, machineOf(call)).restart()
        return { restarting: true }
      },
    },
    {
      method: 'POST',
      pattern: '/machines/:machine/system/vlans',
      handle(call) {
        const { vlan, mac } = z.strictObject({ vlan: z.number().int(), mac: z.string() }).parse(call.body)
        const machine = machineOf(call)
        if (machine.running().kind !== 'system')
          throw new ControlError(409, `${machine.name} runs no installed system`)
        return lab.world.addSystemVlan(machine.name, vlan, mac.toLowerCase())
      },
    },
  ]
}

function controllerOf(lab: Lab, { name }: Machine): ManagementController {
  const controller = lab.bmcs.controllers.get(name)
  if (controller === undefined) throw new ControlError(404, `${name} has no BMC`)
  return controller
}

export function findDisk(machine: Machine, name: string): Disk {
  const disk = machine.disks.find((entry) => entry.name === name)
  if (disk === undefined) throw new ControlError(404, `${machine.name} has no disk ${name}`)
  return disk
}

function machineView(lab: Lab, machine: Machine): unknown {
  return {
    name: machine.name,
    rack: machine.rack,
    power: machine.power(),
    identify: lab.bmcs.controllers.get(machine.name)?.identify.state ?? 'off',
    running: machine.running(),
    bootFlags: machine.bootFlags,
    nics: machine.nics.map(({ name, mac, cable, linkUp }) => ({
      name,
      mac,
      cable,
      linkUp,
      port: lab.fabric.membership(cable),
    })),
    interfaces: machine.interfaces(),
    disks: machine.disks.map((disk) => ({
      name: disk.name,
      serial: disk.serial,
      model: disk.model,
      size: disk.size,
      blank: disk.isBlank(),
      hash: disk.hash(),
      readOnly: disk.readOnly,
    })),
    bootable: machine.installedFiles() !== null,
    maas: lab.maasStatus(machine),
  }
}
