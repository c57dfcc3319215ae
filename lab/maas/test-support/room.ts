import { type StubFabric, stubFabric } from '../../world/stub-parts.ts'
import type { Machine, World } from '../../world/types.ts'
import { createWorld } from '../../world/world.ts'
import { createMaas, type LabMaas } from '../maas.ts'
import type { BmcPower } from '../power-driver.ts'
import { startMaas } from '../start.ts'
import { ApiCaller } from './client.ts'

export const KEY = 'consumerkey:tokenkey:tokensecret'
export const PXE = 10

/** The lab's world with the lab's MAAS, over HTTP; BMCs by direct call, and every port in the PXE VLAN at first. */
export interface MaasRoom {
  world: World
  fabric: StubFabric
  maas: LabMaas
  url: string
  api: ApiCaller
  /** BMC addresses that do not answer. */
  deadBmcs: Set<string>
  /** Moves all ports of a machine into another VLAN. */
  move(machine: Machine, vlan: number): void
  stop(): Promise<void>
}

export async function maasRoom(scale = Number.POSITIVE_INFINITY): Promise<MaasRoom> {
  const world = createWorld({ seed: 7, scale, site: 41, bmcPort: 623, startAt: Date.UTC(2026, 10, 23, 16) })
  const fabric = stubFabric(PXE)
  const deadBmcs = new Set<string>()
  const powerDriver = ({ address }: { address: string }): BmcPower => directBmc(world, address, deadBmcs)
  const maas = createMaas({
    world,
    fabric,
    powerDrivers: { ipmi: powerDriver, redfish: powerDriver },
    apiKey: KEY,
    adminUser: 'admin',
    pxeVlan: PXE,
  })
  world.connect({ fabric, bootServer: maas.bootServer })
  world.dhcpServers.set(PXE, maas.dhcp)
  const running = await startMaas(maas, { host: '127.0.0.1', port: 0 })
  return {
    world,
    fabric,
    maas,
    url: running.url,
    api: new ApiCaller(running.url, KEY),
    deadBmcs,
    move(machine, vlan) {
      for (const { cable } of machine.nics) fabric.set(cable, { untagged: vlan, tagged: [] })
    },
    async stop() {
      await running.stop()
      await world.stop()
    },
  }
}

function directBmc(world: World, address: string, dead: Set<string>): BmcPower {
  const machine = (): Machine => {
    const found = world.machines.find((one) => one.bmc.address === address)
    if (found === undefined || dead.has(address)) throw new Error(`BMC ${address} does not answer`)
    return found
  }
  return {
    power: async () => machine().power(),
    on: async () => machine().powerOn(),
    off: async () => machine().powerOff(),
    soft: async () => machine().softOff(),
    cycle: async () => machine().powerCycle(),
    pxeOnce: async () => {
      machine().bootFlags = { valid: true, persistent: false, efi: true, device: 'network' }
    },
  }
}

/** Waits for something that virtual time brings. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${holds.toString()}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

export function status(room: MaasRoom, systemId: string): number {
  return room.maas.region.node(systemId)?.status ?? -1
}
