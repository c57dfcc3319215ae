import { createNetwork, createOffering, registerTemplate } from '../../src/services/catalogue.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { hostViews, removeHost } from '../../src/services/hosts.ts'
import { destroyInstance, findInstance } from '../../src/services/instances.ts'
import { type OperationView, operationView } from '../../src/services/operations.ts'
import type { Operation } from '../../src/store/operations.ts'
import { hostFaults } from './invariants.ts'
import { admin, type Rig } from './rig.ts'

/** One host with networks and an offering of its own, so that cases run side by side and never meet. */
export interface Lane {
  machine: string
  offering: string
  networks: { blue: string; green: string }
}

type Rooms = Pick<Rig, 'lab' | 'core'>

/** Hosts of rack r1 that are handed out to cases, the longest unused one first. */
export class Lanes {
  rig: Rooms
  private readonly free: Lane[] = []
  private readonly waiting: ((lane: Lane) => void)[] = []

  private constructor(rig: Rooms) {
    this.rig = rig
  }

  /** @param diskLayout of every lane's offering */
  static async open(rig: Rooms, count: number, diskLayout?: string): Promise<Lanes> {
    const { services } = rig.core
    const lanes = new Lanes(rig)
    await registerTemplate(services, { name: 'jammy', url: 'ubuntu/jammy' })
    for (let number = 1; number <= count; number++) {
      const machine = rig.lab.world.machine(`r1-h${number}`)
      const offering = `lane${number}`
      await createOffering(services, {
        name: offering,
        cpuCount: machine.cpuCount,
        memoryMib: machine.memoryMiB,
        hostTags: [offering],
        diskLayout,
      })
      const networks = { blue: `blue${number}`, green: `green${number}` }
      for (const [colour, name] of Object.entries(networks)) {
        const vlan = (colour === 'blue' ? 100 : 200) + number
        await createNetwork(services, { name, kind: 'isolated', vlan })
        rig.lab.routers.addNetwork({ vlan, cidr: `10.${vlan}.0.0/24`, name })
      }
      lanes.free.push({ machine: machine.name, offering, networks })
    }
    return lanes
  }

  async take(): Promise<Lane> {
    return this.free.shift() ?? new Promise((resolve) => this.waiting.push(resolve))
  }

  give(lane: Lane): void {
    const next = this.waiting.shift()
    if (next) next(lane)
    else this.free.push(lane)
  }

  /** Runs a case on a lane of its own. A lane on which it failed is not used again: its leftovers are not the next case's. */
  async with(work: (lane: Lane) => Promise<void>): Promise<void> {
    const lane = await this.take()
    await work(lane)
    this.give(lane)
  }

  /** Waits for the end; a parked operation is waited for too. */
  async ended(operation: Operation, ms = 150_000): Promise<OperationView> {
    const until = Date.now() + ms
    for (;;) {
      const view = await operationView(this.rig.core.services, operation.id)
      if (view.endedAt) return view
      if (Date.now() > until) throw new Error(`not ended after ${ms} ms: ${await story(this.rig, view)}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async succeeded(operation: Operation, ms = 150_000): Promise<OperationView> {
    const view = await this.ended(operation, ms)
    if (view.state !== 'succeeded') throw new Error(await story(this.rig, view))
    return view
  }

  /** Waits until no operation holds the lane's host, and says what breaks an invariant. */
  async faultsAtRest(lane: Lane): Promise<string[]> {
    const { db } = this.rig.core.services.tools
    const until = Date.now() + 60_000
    for (;;) {
      const { rows } = await db.query<{ operation_id: string }>(
        'select operation_id from hold join host on host.id = hold.host_id where host.name = $1',
        [lane.machine],
      )
      if (rows.length === 0) break
      if (Date.now() > until) throw new Error(`${lane.machine} is still held after a minute`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return hostFaults({ lab: this.rig.lab, db }, lane.machine)
  }

  async deploy(
    lane: Lane,
    name: string,
    colours: readonly ('blue' | 'green')[] = ['blue'],
  ): Promise<Operation> {
    const { operation } = await deployInstance(this.rig.core.services, admin, {
      name,
      template: 'jammy',
      offering: lane.offering,
      erase: 'quick',
      nics: colours.map((colour) => ({ network: lane.networks[colour] })),
    })
    return operation
  }

  /** The host is known and free afterwards, whatever was on it. */
  async clear(lane: Lane, name: string): Promise<void> {
    const { services } = this.rig.core
    const instance = await findInstance(services, name).catch(() => null)
    if (instance) {
      const { operation } = await destroyInstance(services, admin, name)
      if (operation) await this.succeeded(operation)
    }
    await this.faultsAtRest(lane)
  }

  /** MAAS keeps the machine; we forget the host. */
  async forget(lane: Lane): Promise<void> {
    const { services } = this.rig.core
    if ((await hostViews(services)).some((host) => host.name === lane.machine))
      await removeHost(services, admin, lane.machine)
  }
}

/** What happened to an operation, for a person who reads a failed test. */
export async function story(rig: Rooms, view: OperationView): Promise<string> {
  const { rows } = await rig.core.services.tools.db.query<{ kind: string; message: string }>(
    'select kind, message from event where operation_id = $1 order by id desc limit 12',
    [view.id],
  )
  const steps = view.steps.map(
    ({ direction, name, attempt, state, error }) =>
      `${direction} ${name} #${attempt} ${state} ${error ? JSON.stringify(error) : ''}`,
  )
  const events = rows.map(({ kind, message }) => `${kind}: ${message}`).reverse()
  return [`${view.kind} ${view.number} is ${view.state}`, ...steps, ...events].join('\n  ')
}
