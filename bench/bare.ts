import { setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { HostLease, SwitchLease } from '../src/domain/lease.ts'
import { pxePort, tenantPort } from '../src/domain/port-plan.ts'
import { createIpmiDriver } from '../src/drivers/bmc/ipmi/driver.ts'
import type { Bmc, BootDevice } from '../src/drivers/bmc/types.ts'
import { openSwitchPorts } from '../src/drivers/switch/engine.ts'
import { switchDriver } from '../src/drivers/switch/registry.ts'
import type { PortState, SwitchPorts } from '../src/drivers/switch/types.ts'
import { createMaas } from '../src/maas/client.ts'
import { networks, POLL_MS } from './ferrule-site.ts'
import type { LabProcess } from './lab-process.ts'

/**
 * The rival: what stop and start cost without durability. The same clients make the same device calls in the same
 * order as the workflows stop.ts and start.ts, from plain functions: no engine, no records, no holds or leases. What it
 * cannot do is the point of the comparison: a crash in the middle leaves nobody who knows what was begun.
 */
export interface Bare {
  stop(machine: string): Promise<void>
  start(machine: string): Promise<void>
  close(): Promise<void>
}

interface Wiring {
  bmc: Bmc
  systemId: string
  /** Port by switch. */
  ports: { engine: SwitchPorts; port: string }[]
  tenant: PortState
}

const never = new AbortController().signal
// all rivals listen to it at once
setMaxListeners(0, never)
const unheld = { id: 'bare', holder: 'bare', signal: never, check: async () => undefined }
const lease: HostLease = { kind: 'host', ...unheld }

export async function createBare(lab: LabProcess): Promise<Bare> {
  const { facts } = lab
  const driver = createIpmiDriver({ sessionLingerMs: 2000 })
  const maas = createMaas(facts.maas)
  const engines = new Map(facts.switches.map((one) => [one.address, openEngine(lab, one)]))
  const known = await maas.machines()
  const wirings = new Map<string, Wiring>()
  for (const { name, bmc, nics } of facts.machines) {
    const systemId = known.find((one) => one.interfaces.some(({ mac }) => mac === nics[0]?.mac))?.systemId
    if (systemId === undefined) continue
    const { address, port, username, password } = bmc
    wirings.set(name, {
      bmc: driver.open({ address: `${address}:${port}`, username, password }),
      systemId,
      ports: nics.flatMap((nic) => {
        const engine = engines.get(nic.switch)
        return engine ? [{ engine, port: nic.port }] : []
      }),
      tenant: tenantPort(
        (nics.length > 1 ? (['blue', 'green'] as const) : (['blue'] as const)).map((network, index) => ({
          id: network,
          networkId: network,
          mac: '',
          vlan: networks[network],
          isDefault: index === 0,
        })),
      ),
    })
  }
  const wiringOf = (machine: string): Wiring => {
    const wiring = wirings.get(machine)
    if (!wiring) throw new Error(`MAAS does not know ${machine}`)
    return wiring
  }

  return {
    async stop(machine) {
      const { bmc, ports } = wiringOf(machine)
      if ((await bmc.power()) === 'on') {
        await bmc.softOff(lease)
        do await pause(POLL_MS.power)
        while ((await bmc.power()) === 'on')
      }
      await ensurePower(bmc, 'off')
      await ensurePower(bmc, 'off')
      await ensureBoot(bmc, 'network')
      await ensurePorts(ports, pxePort(facts.pxeVlan))
    },
    async start(machine) {
      const { bmc, ports, systemId, tenant } = wiringOf(machine)
      const { status } = await maas.machine(systemId)
      if (status !== 'Deployed') throw new Error(`${machine} is ${status} in MAAS`)
      await bmc.power()
      await ensurePorts(ports, tenant)
      await ensureBoot(bmc, 'disk')
      await ensurePower(bmc, 'on')
      if ((await bmc.power()) !== 'on') throw new Error(`${machine} does not stay on`)
      await maas.events(systemId, { limit: 1 })
    },
    async close() {
      await driver.close()
      await Promise.all([...engines.values()].map((engine) => engine.close()))
    },
  }
}

function openEngine(lab: LabProcess, one: LabProcess['facts']['switches'][number]): SwitchPorts {
  const { machines, tenantVlans, pxeVlan, quarantineVlan } = lab.facts
  const ports = machines.flatMap(({ nics }) => nics.filter((nic) => nic.switch === one.address))
  return openSwitchPorts({
    id: one.address,
    driver: switchDriver(one.type),
    endpoint: { address: one.address, username: one.username, password: one.password },
    fence: {
      ports: new Set(ports.map((nic) => nic.port)),
      vlanRange: tenantVlans,
      pxeVlan,
      quarantineVlan,
    },
    timeouts: { coalesceMs: 5 },
  })
}

async function ensurePower(bmc: Bmc, wanted: 'on' | 'off'): Promise<void> {
  if ((await bmc.power()) === wanted) return
  await (wanted === 'on' ? bmc.powerOn(lease) : bmc.powerOff(lease))
  while ((await bmc.power()) !== wanted) await pause(POLL_MS.power)
}

async function ensureBoot(bmc: Bmc, device: BootDevice): Promise<void> {
  const now = await bmc.bootDevice()
  if (now.valid && now.persistent && now.device === device) return
  await bmc.setBootDevice(lease, device, { persistent: true, efi: true })
}

async function ensurePorts(ports: Wiring['ports'], wanted: PortState): Promise<void> {
  await Promise.all(
    ports.map(({ engine, port }) => {
      const switchLease: SwitchLease = { kind: 'switch', ...unheld, id: engine.id }
      return engine.ensurePorts(switchLease, new Map([[port, wanted]]))
    }),
  )
}
