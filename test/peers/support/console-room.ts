import { type RunningBmc, startBmc } from '../../../lab/bmc/server.ts'
import { install } from '../../../lab/world/installed.ts'
import { SerialLine } from '../../../lab/world/serial.ts'
import { stubBootServer, stubDhcp, stubFabric } from '../../../lab/world/stub-parts.ts'
import type { World, WorldMachine } from '../../../lab/world/types.ts'
import { createWorld } from '../../../lab/world/world.ts'
import type { Login } from './ipmi-tools.ts'

const PXE = 10

/** One machine of the lab's world with an installed system and its BMC, switches and MAAS being stubs. */
export interface ConsoleRoom {
  world: World
  machine: WorldMachine
  bmc: RunningBmc
  login: Login
  /** Prints lines on the machine's serial port. */
  print(...lines: string[]): void
  /** Powers on and waits for the login prompt. */
  boot(): Promise<void>
  stop(): Promise<void>
}

/**
 * `port` 623 is for programs that know no other; only root may have it. Without it any free one.
 */
export async function consoleRoom(port = 0, address = '127.0.7.21'): Promise<ConsoleRoom> {
  const world = createWorld({ seed: 1, scale: 1000, site: 40, bmcPort: 0 })
  world.connect({ fabric: stubFabric(PXE), bootServer: stubBootServer(PXE) })
  world.dhcpServers.set(PXE, stubDhcp(PXE, 'all'))
  const machine = world.machine('r1-h1')
  const [disk] = machine.disks
  if (disk !== undefined)
    install(disk, { hostname: 'web-1', image: 'ubuntu/jammy', cloudInit: true, files: {} }, machine)
  Object.assign(machine.bmc, { address, port })
  const bmc = await startBmc(machine).catch((error: unknown) => {
    throw new Error(
      `no BMC at ${address}:${port}: run as root, or allow it: sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
      { cause: error },
    )
  })
  return {
    world,
    machine,
    bmc,
    login: { ...machine.bmc, port: bmc.port },
    print(...lines) {
      if (machine.serialPort instanceof SerialLine) machine.serialPort.print(...lines)
    },
    async boot() {
      machine.powerOn()
      const deadline = performance.now() + 10_000
      while (!/login: $/.test(machine.serialPort.history().toString())) {
        if (performance.now() > deadline) throw new Error('the system does not come up')
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    },
    async stop() {
      await bmc.close()
      await world.stop()
    },
  }
}
