import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { startLab } from '../../lab/lab.ts'
import { rackFile } from '../../lab/rack-file.ts'
import type { Lab } from '../../lab/types.ts'
import type { Controller, EndedOperation } from './controller.ts'
import { startController, stopDatabase } from './controller.ts'
import { writeConfig } from './rig.ts'
import { waitUntil } from './wait.ts'

/** MAAS gives a release five minutes between two signs of life: a second and a half, on a machine that is busy. */
const TIME_SCALE = 200
const extensionProgram = fileURLToPath(new URL('../../extension/ferrule.sh', import.meta.url))
/** What a person in the room would notice of a server. */
const sightings: readonly string[] = ['power', 'boot', 'presence', 'gone']

export interface ProductionOptions {
  cloudstack?: boolean
  timeScale?: number
  looks?: string
  /** The daemon looks at each switch's ports so often, in the lab's time. Not said: never. */
  portsEvery?: string
  /** Further settings of `cloudstack`. */
  cloudstackSettings?: string
  /** Further settings of the daemon, in lines of its file. */
  settings?: string
  /** In seconds of the clock on the wall: a daemon that had no turn for that long ends itself. */
  lease?: string
}

export const WEBHOOK_SECRET = 'the-key-of-the-webhook'

async function cloudApi(folder: string, lab: Lab, every: string, more?: string): Promise<string> {
  const { url, apiKey, secretKey } = lab.facts().cloudstack
  const secrets = { key: apiKey, secret: secretKey, webhookSecret: WEBHOOK_SECRET }
  const refs = await Promise.all(
    Object.entries(secrets).map(async ([name, value]) => {
      const file = join(folder, `cloudstack.${name}`)
      await writeFile(file, value, { mode: 0o600 })
      return `${name}: "file:${file}"`
    }),
  )
  return `\ncloudstack: { api: { url: "${url}", every: ${every}, ${refs.join(', ')} }${more === undefined ? '' : `, ${more}`} }`
}

/** A lab, and the daemon on it as a process of its own, which a test can end, kill and start again on another database. */
export class Production {
  readonly lab: Lab
  readonly config: string
  readonly dataDir: string
  controller: Controller

  private constructor(lab: Lab, config: string, dataDir: string, controller: Controller) {
    this.lab = lab
    this.config = config
    this.dataDir = dataDir
    this.controller = controller
  }

  /**
   * `cloudstack`: the lab's CloudStack calls this daemon through the extension. `timeScale`: how much faster than the
   * clock on the wall the lab's time goes, and with it each deadline. `looks`: the daemon looks at CloudStack's records so
   * often, in the lab's time.
   */
  static async open(
    folder: string,
    {
      cloudstack = false,
      timeScale = TIME_SCALE,
      looks,
      portsEvery = '3650d',
      cloudstackSettings,
      settings = '',
      lease = '8s',
    }: ProductionOptions = {},
  ): Promise<Production> {
    const socket = join(folder, 'ferrule.sock')
    const extension = {
      path: extensionProgram,
      env: { FERRULE_SOCKET: socket, FERRULE_EXTENSION_CONFIG: '/none' },
    }
    const lab = await startLab({
      seed: 7,
      timeScale,
      cloudstack: cloudstack ? { extension } : {},
    })
    // no observer that switches anything: whatever is switched is switched by what the test did
    const api = looks === undefined ? '' : await cloudApi(folder, lab, looks, cloudstackSettings)
    const more = `observers: { powerEvery: 24h, portsEvery: ${portsEvery} }${cloudstack ? `\nsocket: ${socket}` : ''}${api}\n${settings}`
    const config = await writeConfig(folder, lab, timeScale, more, lease)
    const dataDir = join(folder, 'data')
    return new Production(lab, config, dataDir, await startController(config, dataDir))
  }

  async start(...args: string[]): Promise<void> {
    this.controller = await startController(this.config, this.dataDir, args)
  }

  /** Killed in the middle of what it does, and its database stopped cleanly after it. */
  async crash(): Promise<void> {
    await this.controller.kill()
    await stopDatabase(this.dataDir)
  }

  async close(): Promise<void> {
    await this.controller.stop()
    await stopDatabase(this.dataDir)
    await this.lab.stop()
  }

  async applyRacks(): Promise<void> {
    expect((await this.controller.call('PUT', 'racks/lab', rackFile(this.lab.plan))).status).toBe(200)
  }

  /** A template, two offerings, two networks with their virtual routers, and these hosts, clean. */
  async furnish(hosts: readonly string[]): Promise<void> {
    await this.applyRacks()
    await this.created('templates', { name: 'jammy', url: 'ubuntu/jammy' })
    await this.created('offerings', { name: 'large', cpuCount: 16, memoryMib: 65_536 })
    await this.created('offerings', { name: 'small', cpuCount: 8, memoryMib: 32_768 })
    for (const [name, vlan] of Object.entries({ blue: 101, green: 102 })) {
      await this.created('networks', { name, vlan })
      this.lab.routers.addNetwork({ vlan, cidr: `10.${vlan}.0.0/24`, name })
    }
    await this.addHosts(hosts)
  }

  async addHosts(hosts: readonly string[]): Promise<void> {
    const added = await Promise.all(hosts.map((name) => this.begin('hosts', this.newHost(name))))
    for (const id of added) await this.succeeded(id)
  }

  private newHost(name: string): unknown {
    const { bmc, nics, cpuCount, memoryMiB } = this.lab.world.machine(name)
    return {
      name,
      bmc: { address: `${bmc.address}:${bmc.port}`, username: bmc.username, password: bmc.password },
      bootMac: nics[0]?.mac,
      cpuCount,
      memoryMib: memoryMiB,
      disksClean: { reason: 'the lab makes blank disks' },
    }
  }

  async created(path: string, body: unknown): Promise<void> {
    expect((await this.controller.call('POST', path, body)).status).toBe(201)
  }

  /** The operation that a call begins. */
  async begin(path: string, body?: unknown, method = 'POST'): Promise<string> {
    const answer = await this.controller.call(method, path, body)
    expect([answer.status, answer.body]).toEqual([202, expect.anything()])
    return answer.body.operation?.id ?? answer.body.id
  }

  deploy(name: string, offering: string, ...nics: { network: string; mac?: string }[]): Promise<string> {
    return this.begin('instances', { name, template: 'jammy', offering, erase: 'quick', nics })
  }

  async succeeded(id: string): Promise<EndedOperation> {
    const ended = await this.controller.ended(id)
    expect([ended.state, ended.error]).toEqual(['succeeded', null])
    return ended
  }

  until(id: string, step: string): Promise<void> {
    return waitUntil(`the operation is at ${step}`, async () => {
      const { body } = await this.controller.call('GET', `operations/${id}`)
      return body.steps.some((one: { name: string }) => one.name === step)
    })
  }

  /** The system on a host is in a VLAN, so that its switch has heard it there. */
  heard(name: string, vlan: number): Promise<void> {
    const machine = this.lab.world.machine(name)
    return waitUntil(`${name} is in VLAN ${vlan}`, () =>
      machine.interfaces().some((one) => one.vlan === vlan),
    )
  }

  portsOf(name: string) {
    return this.lab.world.machine(name).nics.map((nic) => this.lab.fabric.membership(nic.cable))
  }

  /** Everything of these hosts that somebody in the room could see. */
  scene(names: readonly string[]) {
    const { diary } = this.lab.world
    return names.map((name) => {
      const machine = this.lab.world.machine(name)
      return {
        name,
        power: machine.power(),
        ports: this.portsOf(name),
        boot: machine.bootFlags.device,
        maas: this.lab.maasStatus(machine)?.status,
        // nothing was switched, and no system came into a network or left one
        sighted: diary.filter((line) => line.machine === name && sightings.includes(line.kind)).length,
      }
    })
  }
}
