import { ManagementController } from '../bmc/controller.ts'
import { type RunningBmc, startBmc } from '../bmc/server.ts'
import type { Identity } from '../redfish/certificate.ts'
import { type RunningRedfish, startRedfish } from '../redfish/server.ts'
import { type RunningSsh, startSsh } from '../ssh/server.ts'
import type { World, WorldMachine } from '../world/types.ts'

/** The management of all machines, by the machine's name: a controller each, and the protocols that it speaks. */
export interface Bmcs {
  readonly controllers: ReadonlyMap<string, ManagementController>
  readonly ipmi: ReadonlyMap<string, RunningBmc>
  readonly redfish: ReadonlyMap<string, RunningRedfish>
  /** Serial consoles of those that speak no IPMI. */
  readonly ssh: ReadonlyMap<string, RunningSsh>
  readonly scanning: NodeJS.Timeout
}

export interface BmcsOptions {
  /** IPMI sessions of each. */
  sessions?: number | undefined
  /** Certificates of an earlier start, by machine. */
  certificates: Readonly<Record<string, Identity>>
}

/** Real milliseconds between two looks of every controller at all its sensors. */
const SCAN_MS = 1_000

/** All or none. */
export async function startBmcs(world: World, { sessions, certificates }: BmcsOptions): Promise<Bmcs> {
  const controllers = new Map<string, ManagementController>()
  const ipmi = new Map<string, RunningBmc>()
  const redfish = new Map<string, RunningRedfish>()
  const ssh = new Map<string, RunningSsh>()
  const scanning = setInterval(() => {
    for (const { sensors } of controllers.values()) sensors.scan()
  }, SCAN_MS).unref()
  const bmcs = { controllers, ipmi, redfish, ssh, scanning }
  const start = async (machine: WorldMachine): Promise<void> => {
    const { name, bmc } = machine
    const controller = new ManagementController(machine, { wallClock: () => world.clock.now() })
    controllers.set(name, controller)
    const speaksIpmi = bmc.protocols.includes('ipmi')
    if (speaksIpmi)
      ipmi.set(name, await startBmc(machine, { controller, ...(sessions === undefined ? {} : { sessions }) }))
    if (bmc.protocols.includes('redfish')) {
      const options = {
        port: bmc.httpsPort,
        ipmiPort: speaksIpmi ? bmc.port : null,
        sshPort: speaksIpmi ? null : bmc.sshPort,
        identity: certificates[name],
      }
      const running = await startRedfish(controller, options)
      redfish.set(name, running)
      const mayUse = (username: string, password: string) => running.mayUseConsole(username, password)
      if (!speaksIpmi) ssh.set(name, await startSsh(controller, { port: bmc.sshPort, mayUse }))
    }
  }
  try {
    for (const machine of world.machines) await start(machine)
  } catch (error) {
    await closeBmcs(bmcs)
    throw error
  }
  return bmcs
}

export async function closeBmcs({ controllers, ipmi, redfish, ssh, scanning }: Bmcs): Promise<void> {
  clearInterval(scanning)
  await Promise.all([...ipmi.values(), ...redfish.values(), ...ssh.values()].map((one) => one.close()))
  for (const controller of controllers.values()) controller.stop()
}
