import { createChance } from './chance.ts'
import { createClock } from './clock.ts'
import { createDiary } from './diary.ts'
import { labRacks, type MachineSpec } from './layout.ts'
import { LabMachine, type MachineState } from './machine.ts'
import type { Surroundings } from './surroundings.ts'
import type { BootServer, Cable, DhcpServer, NicPlace, SwitchFabric, VirtualMs, World } from './types.ts'

export interface WorldOptions {
  seed: number
  /** Virtual milliseconds per real one; Infinity: no waiting at all. */
  scale: number
  /** The lab's 127.N.0.0/16. */
  site: number
  /** UDP port of the BMCs: 623, or another where that cannot be bound. */
  bmcPort: number
  /** TCP port of their Redfish: 443, or another where that cannot be bound; default 8443. */
  httpsPort?: number
  sshPort?: number
  /** Default: the lab's two racks. */
  layout?: readonly MachineSpec[]
  /** Virtual time at the start; default: the real time. */
  startAt?: VirtualMs
}

interface WorldState {
  version: 1
  now: VirtualMs
  machines: Record<string, MachineState>
}

export function createWorld(options: WorldOptions): World {
  const { seed, scale, startAt } = options
  const clock = createClock(startAt === undefined ? { scale } : { scale, startAt })
  const diary = createDiary(clock)
  const dhcpServers = new Map<number, DhcpServer>()
  let parts: { fabric: SwitchFabric; bootServer: BootServer } | null = null
  let waitingForParts: LabMachine[] = []

  const around: Surroundings = {
    clock,
    diary,
    dhcpServers,
    get fabric() {
      return connected().fabric
    },
    get bootServer() {
      return connected().bootServer
    },
  }
  const layout =
    options.layout ??
    labRacks(options.site, {
      ipmi: options.bmcPort,
      https: options.httpsPort ?? 8443,
      ssh: options.sshPort ?? 2222,
    })
  const machines = layout.map((spec) => new LabMachine(spec, around, createChance(seed, spec.name)))
  const byName = new Map(machines.map((machine) => [machine.name, machine]))

  function connected() {
    if (!parts)
      throw new Error('the world has neither switches nor MAAS yet: call connect() before the first power-on')
    return parts
  }

  function find(name: string): LabMachine {
    const machine = byName.get(name)
    if (!machine) throw new Error(`no machine ${name} in the lab (it has ${[...byName.keys()].join(', ')})`)
    return machine
  }

  function findNic({ machine, nic }: NicPlace) {
    const found = find(machine).nics.find(({ name }) => name === nic)
    if (!found) throw new Error(`${machine} has no NIC ${nic}`)
    return found
  }

  function portChanged(cable: Cable): void {
    for (const machine of machines) {
      if (machine.nics.some((nic) => sameCable(nic.cable, cable))) machine.surroundingsChanged()
    }
  }

  return {
    seed,
    clock,
    chance: createChance(seed),
    machines,
    machine: find,
    machineByMac: (mac) =>
      machines.find((machine) => machine.nics.some((nic) => nic.mac === mac.toLowerCase())),
    connect(given) {
      if (parts) throw new Error('the world is connected already')
      parts = given
      given.fabric.onChange(portChanged)
      for (const machine of waitingForParts) machine.powerOn()
      waitingForParts = []
    },
    dhcpServers,
    diary: diary.sightings,
    onSighting: diary.onSighting,
    setLink(name, nicName, up) {
      findNic({ machine: name, nic: nicName }).linkUp = up
      find(name).surroundingsChanged()
    },
    swapCables(one, other) {
      const [here, there] = [findNic(one), findNic(other)]
      ;[here.cable, there.cable] = [there.cable, here.cable]
      for (const name of new Set([one.machine, other.machine])) find(name).surroundingsChanged()
    },
    setTimeScale: clock.setScale,
    addSystemVlan: async (name, vlan, mac) => find(name).addVlan(vlan, mac.toLowerCase()),
    snapshot(): WorldState {
      return {
        version: 1,
        now: clock.now(),
        machines: Object.fromEntries(machines.map((machine) => [machine.name, machine.snapshot()])),
      }
    },
    restore(state) {
      const stored = asWorldState(state)
      clock.continueFrom(stored.now)
      for (const machine of machines) {
        const one = stored.machines[machine.name]
        if (!one) continue
        machine.restore(one)
        if (one.power === 'off') continue
        if (parts) machine.powerOn()
        else waitingForParts.push(machine)
      }
    },
    async stop() {
      for (const machine of machines) machine.powerOff()
      // One turn of the loop: whatever ran on the machines ends with PowerLost before the caller goes on.
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

function sameCable(a: Cable, b: Cable): boolean {
  return a.switch === b.switch && a.port === b.port
}

function asWorldState(state: unknown): WorldState {
  const known = typeof state === 'object' && state !== null && 'version' in state && state.version === 1
  if (!known) throw new Error('this is no snapshot of a lab world of version 1')
  return state as WorldState
}
