import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startLab } from '../../lab/lab.ts'
import { rackFile } from '../../lab/rack-file.ts'
import type { Lab, LabOptions } from '../../lab/types.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Core } from '../../src/core.ts'
import { startCore } from '../../src/core.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import type { Interference } from '../../src/saga/types.ts'
import { createNetwork, createOffering, registerTemplate } from '../../src/services/catalogue.ts'
import { addHost } from '../../src/services/hosts.ts'
import type { OperationView } from '../../src/services/operations.ts'
import { operationView } from '../../src/services/operations.ts'
import { applyRack } from '../../src/services/racks.ts'
import { admin } from './admin.ts'
import { createDatabase } from './shared-postgres.ts'
import { waitUntil } from './wait.ts'

export { admin }

/** A whole lab and one replica of Ferrule's core on it: real engine, real PostgreSQL, real sockets. */
export interface Rig {
  lab: Lab
  core: Core
  dir: string
  /** Waits until an operation has ended or is parked. */
  ended(id: string, ms?: number): Promise<OperationView>
  enlist(machine: string, options?: { clean?: boolean; tags?: string[] }): Promise<OperationView>
  stop(): Promise<void>
}

export interface RigOptions {
  timeScale?: number
  interference?: Interference
  racks?: string[]
  /** What the BMCs of these machines speak, by name. */
  protocols?: LabOptions['protocols']
  /** Of which make these switches are, by name; the others are Force10. */
  tors?: LabOptions['tors']
  seed?: number
  /** Lines of ferrule.yaml to add. */
  config?: string
  /** Of the lab's time. Without it nothing is looked at in the background, so that a test sees what operations do. */
  powerEvery?: string
  portsEvery?: string
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const dir = testFolder('rig')
  const timeScale = options.timeScale ?? 600
  const lab = await startLab({
    seed: options.seed ?? 7,
    timeScale,
    ...(options.racks ? { racks: options.racks } : {}),
    protocols: options.protocols,
    tors: options.tors,
  })
  const database = await createDatabase()
  await writeFile(join(dir, 'database.url'), database.url, { mode: 0o600 })
  const file = await writeConfig(
    dir,
    lab,
    timeScale,
    `${options.config ?? ''}
observers: { powerEvery: ${options.powerEvery ?? '3650d'}, portsEvery: ${options.portsEvery ?? '3650d'} }
database: { url: "file:${dir}/database.url" }`,
    // nobody takes over here, so a machine that is busy for some seconds must not end the lease
    '20s',
  )
  const core = await startCore(loadConfig({ file, env: {} }), {
    log: (level, message, data) => {
      if (level !== 'info' || process.env.FERRULE_TEST_LOG)
        process.stderr.write(`${level} ${message} ${JSON.stringify(data ?? {})}\n`)
    },
    env: {},
    onLeaseLost: () => process.stderr.write('lease lost\n'),
    ...(options.interference ? { interference: options.interference } : {}),
  })
  const { services } = core
  // a start waits for it no longer than a person would
  await waitUntil('operations are run', () => core.mode.refusal() === null)
  await applyRack(services, admin, 'lab', JSON.stringify(rackFile(lab.plan)))

  const rig: Rig = {
    lab,
    core,
    dir,
    async ended(id, ms = 150_000) {
      const until = Date.now() + ms
      for (;;) {
        const view = await operationView(services, id)
        if (view.endedAt || view.state === 'parked') {
          if (process.env.FERRULE_TEST_STEPS) process.stderr.write(describeSteps(view))
          return view
        }
        if (Date.now() > until)
          throw new Error(
            `operation ${view.kind} still ${view.state} after ${ms} ms at ${view.steps.at(-1)?.name}: ${JSON.stringify(view.steps.at(-1)?.error)}`,
          )
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    },
    async enlist(name, { clean = false, tags = [] } = {}) {
      const machine = lab.world.machine(name)
      const { operation } = await addHost(services, admin, {
        name,
        bmc: {
          address: `${machine.bmc.address}:${machine.bmc.port}`,
          username: machine.bmc.username,
          password: machine.bmc.password,
        },
        bootMac: machine.nics[0]?.mac ?? '',
        cpuCount: machine.cpuCount,
        cpuSpeedMhz: machine.cpuSpeedMhz,
        memoryMib: machine.memoryMiB,
        tags,
        ...(clean ? { disksClean: { reason: 'the lab makes blank disks' } } : {}),
      })
      return rig.ended(operation.id)
    },
    async stop() {
      await core.stop()
      await lab.stop()
      await database.drop()
      await rm(dir, { recursive: true, force: true })
    },
  }
  return rig
}

/** One template, two offerings (the two sizes of lab machines), two networks with their virtual routers. */
export async function furnish(rig: Rig): Promise<void> {
  const { services } = rig.core
  await registerTemplate(services, { name: 'jammy', url: 'ubuntu/jammy' })
  await createOffering(services, { name: 'large', cpuCount: 16, memoryMib: 65_536 })
  await createOffering(services, { name: 'small', cpuCount: 8, memoryMib: 32_768 })
  await createNetwork(services, { name: 'blue', kind: 'isolated', vlan: 101 })
  await createNetwork(services, { name: 'green', kind: 'isolated', vlan: 102 })
  rig.lab.routers.addNetwork({ vlan: 101, cidr: '10.101.0.0/24', name: 'blue' })
  rig.lab.routers.addNetwork({ vlan: 102, cidr: '10.102.0.0/24', name: 'green' })
}

export async function writeConfig(
  dir: string,
  lab: Lab,
  timeScale: number,
  more: string,
  lease = '3s',
): Promise<string> {
  const facts = lab.facts()
  await writeFile(join(dir, 'maas.key'), `${facts.maas.key}\n`, { mode: 0o600 })
  const file = join(dir, 'ferrule.yaml')
  await writeFile(
    file,
    `installation: rig
external.baremetal.resource.classname: org.apache.cloudstack.compute.maas.MaasResourceProvider
listen: { port: 0 }
dataDir: ${dir}/data
maas: { url: "${facts.maas.url}", key: "file:${dir}/maas.key" }
network: { pxeVlan: 10, quarantineVlan: 999, vlanRange: { from: 100, to: 899 } }
planner: { match: equal }
timeScale: ${Math.min(timeScale, 100_000)}
replica: { lease: ${lease} }
${more}
`,
  )
  return file
}

function describeSteps(view: OperationView): string {
  const lines = view.steps.map(
    (step) =>
      `  ${step.direction} ${step.name} ${step.state} #${step.attempt} ${step.endedAt ? Date.parse(step.endedAt) - Date.parse(step.startedAt) : '?'} ms ${step.error ? JSON.stringify(step.error) : ''}`,
  )
  return `${view.kind} ${view.number} ${view.state}\n${lines.join('\n')}\n`
}
