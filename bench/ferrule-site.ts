import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RackFile } from '../lab/rack-file.ts'
import { loadConfig } from '../src/config/load.ts'
import type { Core } from '../src/core.ts'
import { startCore } from '../src/core.ts'
import { createNetwork, createOffering, registerTemplate } from '../src/services/catalogue.ts'
import type { Caller, Services } from '../src/services/context.ts'
import { addHost } from '../src/services/hosts.ts'
import { applyRack } from '../src/services/racks.ts'
import { OperationEnds } from './ends.ts'
import type { LabProcess } from './lab-process.ts'

export const caller: Caller = { name: 'bench', role: 'admin' }

/** What the bench calls the sizes of the lab's machines; both kinds are planned by equality. */
const offerings = { large: { cpuCount: 16, memoryMib: 65_536 }, small: { cpuCount: 8, memoryMib: 32_768 } }
/** VLANs of the two tenant networks. */
export const networks = { blue: 101, green: 102 }

/** For Ferrule's deadlines and pauses only: in the lab no time passes at all. */
const TIME_SCALE = 500

/**
 * Real milliseconds between two looks at MAAS or a BMC while something is waited for. The lab's own time is next to
 * nothing, so this is how late its end is seen; shorter, and a dozen hosts that wait would take the cores to themselves.
 */
export const POLL_MS = { maas: 100, power: 20 }

/** Ferrule's core in this process, on the lab, with every machine of it in the pool. */
export interface FerruleSite {
  core: Core
  services: Services
  ends: OperationEnds
  /** A NIC as the cloud allocates it: the network's virtual router answers its MAC. */
  reserveNic(network: keyof typeof networks): Promise<{ network: string; mac: string }>
  /** Names of hosts that are in the pool, the two-NIC ones first. */
  hosts: { name: string; large: boolean }[]
  stop(): Promise<void>
}

export async function startFerrule(dir: string, lab: LabProcess, hostCount: number): Promise<FerruleSite> {
  const file = await writeConfig(dir, lab)
  const running = await core(file)
  const { services } = running
  const ends = new OperationEnds(running)
  const stop = async () => {
    await ends.close()
    await running.stop()
  }
  try {
    await applyRack(services, caller, 'lab', JSON.stringify(await lab.control<RackFile>('GET', '/rack-file')))
    await furnish(services, lab)
    const byIpmi = lab.facts.machines.filter(({ bmc }) => bmc.protocols.includes('ipmi'))
    const machines = shareOf(byIpmi, hostCount)
    const operations = await Promise.all(machines.map((machine) => enlist(services, machine)))
    await ends.all(operations)
    const hosts = machines
      .map((machine) => ({ name: machine.name, large: machine.nics.length > 1 }))
      .sort((a, b) => Number(b.large) - Number(a.large))
    return {
      core: running,
      services,
      ends,
      hosts,
      stop,
      async reserveNic(network) {
        const nic = await lab.control<{ mac: string }>('POST', `/networks/${networks[network]}/nics`, {})
        return { network, mac: nic.mac }
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** As many of both racks. */
function shareOf<M extends { rack: string }>(machines: readonly M[], count: number): M[] {
  const racks = [...new Set(machines.map(({ rack }) => rack))]
  return racks.flatMap((rack) =>
    machines.filter((machine) => machine.rack === rack).slice(0, Math.ceil(count / racks.length)),
  )
}

function core(file: string): Promise<Core> {
  return startCore(loadConfig({ file, env: {} }), {
    log: (level, message, data) => {
      if (level !== 'info') process.stderr.write(`${level} ${message} ${JSON.stringify(data ?? {})}\n`)
    },
    env: {},
    onLeaseLost: () => process.stderr.write('the replica lost its lease: the figures of this run are void\n'),
  })
}

async function furnish(services: Services, lab: LabProcess): Promise<void> {
  await registerTemplate(services, { name: 'jammy', url: 'ubuntu/jammy' })
  for (const [name, size] of Object.entries(offerings)) await createOffering(services, { name, ...size })
  for (const [name, vlan] of Object.entries(networks)) {
    await createNetwork(services, { name, kind: 'isolated', vlan })
    await lab.control('POST', '/networks', { vlan, cidr: `10.${vlan}.0.0/20`, name })
  }
}

async function enlist(services: Services, machine: LabProcess['facts']['machines'][number]): Promise<string> {
  const { address, port, username, password } = machine.bmc
  const { operation } = await addHost(services, caller, {
    name: machine.name,
    bmc: { address: `${address}:${port}`, username, password },
    bootMac: machine.nics[0]?.mac ?? '',
    cpuCount: machine.cpuCount,
    cpuSpeedMhz: machine.cpuSpeedMhz,
    memoryMib: machine.memoryMiB,
    tags: [],
    disksClean: { reason: 'the lab makes blank disks' },
  })
  return operation.id
}

async function writeConfig(dir: string, lab: LabProcess): Promise<string> {
  const { maas } = lab.facts
  await writeFile(join(dir, 'maas.key'), `${maas.key}\n`, { mode: 0o600 })
  const file = join(dir, 'ferrule.yaml')
  const virtual = (realMs: number) => `${(realMs * TIME_SCALE) / 1000}s`
  await writeFile(
    file,
    `installation: bench
external.baremetal.resource.classname: org.apache.cloudstack.compute.maas.MaasResourceProvider
listen: { port: 0 }
dataDir: ${dir}/data
maas: { url: "${maas.url}", key: "file:${dir}/maas.key" }
network: { pxeVlan: 10, quarantineVlan: 999, vlanRange: { from: 100, to: 899 } }
planner: { match: equal }
timeScale: ${TIME_SCALE}
poll: { maas: ${virtual(POLL_MS.maas)}, power: ${virtual(POLL_MS.power)} }
observers: { powerEvery: ${virtual(60_000)}, portsEvery: ${virtual(300_000)} }
# of waits that end at once here: a busy computer must not run into them
deadlines: { deploy: ${virtual(60_000)}, handOver: ${virtual(60_000)}, erase: ${virtual(60_000)}, pxeSign: ${virtual(30_000)}, release: ${virtual(30_000)}, commission: ${virtual(60_000)} }
`,
  )
  return file
}
