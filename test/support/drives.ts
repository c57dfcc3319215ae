import { QUARANTINE_VLAN } from '../../lab/site.ts'
import { healHost } from '../../src/services/heal.ts'
import { addHost } from '../../src/services/hosts.ts'
import {
  attachNetwork,
  destroyInstance,
  detachNetwork,
  rebootInstance,
  startInstance,
  stopInstance,
} from '../../src/services/instances.ts'
import { reinstallInstance } from '../../src/services/reinstall.ts'
import type { Operation } from '../../src/store/operations.ts'
import { somebodyAtTheSwitch } from './bad-days.ts'
import type { Lane, Lanes } from './lanes.ts'
import { admin } from './rig.ts'

/** How a test comes to run one saga: what must be there first, the call, and what a person does to be rid of it. */
export interface Drive {
  prepare(lanes: Lanes, lane: Lane, name: string): Promise<void>
  call(lanes: Lanes, lane: Lane, name: string): Promise<Operation>
}

const nothing = async () => undefined

async function deployed(lanes: Lanes, lane: Lane, name: string): Promise<void> {
  await lanes.succeeded(await lanes.deploy(lane, name))
}

/** By ref, for every saga of the catalogue: one that is missing here fails its test. */
export const drives: Record<string, Drive> = {
  'deploy@1': { prepare: nothing, call: (lanes, lane, name) => lanes.deploy(lane, name, ['blue', 'green']) },
  'start@1': {
    async prepare(lanes, lane, name) {
      await deployed(lanes, lane, name)
      await lanes.succeeded(await stopInstance(lanes.rig.core.services, admin, name))
    },
    call: (lanes, _, name) => startInstance(lanes.rig.core.services, admin, name),
  },
  'stop@1': {
    prepare: deployed,
    call: (lanes, _, name) => stopInstance(lanes.rig.core.services, admin, name),
  },
  'reboot@1': {
    prepare: deployed,
    call: (lanes, _, name) => rebootInstance(lanes.rig.core.services, admin, name),
  },
  'destroy@1': {
    prepare: deployed,
    async call(lanes, _, name) {
      const { operation } = await destroyInstance(lanes.rig.core.services, admin, name)
      if (!operation) throw new Error('destroying an instance with a host began no operation')
      return operation
    },
  },
  'reinstall@1': {
    async prepare(lanes, lane, name) {
      await lanes.succeeded(await lanes.deploy(lane, name, ['blue', 'green']))
    },
    call: (lanes, _, name) => reinstallInstance(lanes.rig.core.services, admin, name),
  },
  'attach@1': {
    prepare: deployed,
    call: (lanes, lane, name) =>
      attachNetwork(lanes.rig.core.services, admin, name, { network: lane.networks.green }),
  },
  'detach@1': {
    async prepare(lanes, lane, name) {
      await lanes.succeeded(await lanes.deploy(lane, name, ['blue', 'green']))
    },
    call: (lanes, lane, name) => detachNetwork(lanes.rig.core.services, admin, name, lane.networks.green),
  },
  'heal@1': {
    async prepare(lanes, lane, name) {
      await lanes.succeeded(await lanes.deploy(lane, name, ['blue', 'green']))
      await tamper(lanes, lane)
    },
    call: (lanes, lane) => healHost(lanes.rig.core.services, admin, lane.machine),
  },
  'enlist@1': { prepare: (lanes, lane) => lanes.forget(lane), call: (lanes, lane) => addLane(lanes, lane) },
}

/** Somebody at the switch and at the BMC: one port in another VLAN, the other one's link shut, booting from the wrong device. */
async function tamper(lanes: Lanes, lane: Lane): Promise<void> {
  const { rig } = lanes
  const machine = rig.lab.world.machine(lane.machine)
  for (const [index, { cable }] of machine.nics.entries()) {
    const { ports } = await rig.core.services.tools.openSwitch(cable.switch)
    const state = { mode: 'access', untagged: QUARANTINE_VLAN, tagged: [], enabled: index === 0 } as const
    await ports.ensurePorts(somebodyAtTheSwitch(ports.id), new Map([[cable.port, state]]))
  }
  machine.bootFlags = { ...machine.bootFlags, device: machine.power() === 'on' ? 'network' : 'disk' }
}

export async function addLane(lanes: Lanes, lane: Lane, clean = false): Promise<Operation> {
  const machine = lanes.rig.lab.world.machine(lane.machine)
  const { operation } = await addHost(lanes.rig.core.services, admin, {
    name: machine.name,
    bmc: {
      address: `${machine.bmc.address}:${machine.bmc.port}`,
      username: machine.bmc.username,
      password: machine.bmc.password,
    },
    bootMac: machine.nics[0]?.mac ?? '',
    cpuCount: machine.cpuCount,
    cpuSpeedMhz: machine.cpuSpeedMhz,
    memoryMib: machine.memoryMiB,
    tags: [lane.offering],
    ...(clean ? { disksClean: { reason: 'the lab makes blank disks' } } : {}),
  })
  return operation
}
