import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorldMachine } from '../../lab/world/types.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { askCloud } from '../support/cloud.ts'
import { Production } from '../support/production.ts'
import { ServerSight } from '../support/server-sight.ts'
import { Tofu } from './support/tofu.ts'

const HOSTS = ['r2-h1', 'r2-h3']
const program = fileURLToPath(new URL('../../bin/ferrule', import.meta.url))
const WELCOME = 'greeting=welcome-of-tofu'
const STORAGE = 'storage=true'

/** OpenTofu with CloudStack's provider, on the lab's CloudStack, whose extension calls a daemon of ours. */
describe('the whole life of a server by OpenTofu', () => {
  let folder: string
  let site: Production
  let sight: ServerSight
  let tofu: Tofu
  let machine: WorldMachine

  beforeAll(async () => {
    folder = testFolder('tofu')
    site = await Production.open(folder, { cloudstack: true, timeScale: 100 })
    sight = new ServerSight(site, HOSTS)
    await site.applyRacks()
    await site.addHosts(HOSTS)
    const { url, apiKey, secretKey } = site.lab.facts().cloudstack
    await furnish({ CLOUDSTACK_ENDPOINT: url, CLOUDSTACK_KEY: apiKey, CLOUDSTACK_SECRET: secretKey })
    tofu = await Tofu.open(join(folder, 'tofu'), {
      CLOUDSTACK_API_URL: url,
      CLOUDSTACK_API_KEY: apiKey,
      CLOUDSTACK_SECRET_KEY: secretKey,
    })
  })
  afterAll(async () => {
    await site?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** As an operator does it before the first user comes. */
  async function furnish(access: Record<string, string>): Promise<void> {
    const args = ['cloudstack', 'install', '--only', 'api', '--image', 'ubuntu/jammy', '--size', '16x64G']
    const env = { PATH: process.env.PATH, ...access }
    await promisify(execFile)(process.execPath, [program, ...args], { env })
  }

  const ask = (command: string, params: Record<string, string> = {}) =>
    askCloud(site.lab.cloudstack, command, params)
  async function server() {
    const { virtualmachine } = await ask('listVirtualMachines')
    expect(virtualmachine).toHaveLength(1)
    return virtualmachine[0]
  }
  const holds = (text: string) => machine.disks.some((disk) => disk.contains(Buffer.from(text)))
  /** How often its power went off so far. */
  const cuts = () =>
    site.lab.world.diary.filter(
      ({ kind, machine: name, detail }) => kind === 'power' && name === machine.name && /off/.test(detail),
    ).length

  test('apply deploys it', async () => {
    await tofu.run('init')
    expect(await tofu.plan()).toBe(2)
    await tofu.apply()
    const vm = await server()
    machine = await sight.runs(vm)
    expect(vm.nic).toHaveLength(1)
    expect(vm.tags).toMatchObject([{ key: 'role', value: 'web' }])
    expect(holds('content: hello')).toBe(true)
    expect(await tofu.plan()).toBe(0)
  })

  test('a change of its user-data stops and starts it', async () => {
    const [before, { id }] = [cuts(), await server()]
    await tofu.apply(WELCOME)
    const vm = await server()
    expect(vm.id).toBe(id)
    expect(cuts()).toBe(before + 1)
    expect(await sight.runs(vm)).toBe(machine)
    expect(holds('content: welcome-of-tofu')).toBe(true)
    expect(await tofu.plan(WELCOME)).toBe(0)
  })

  test('a stop is none of its business, and of a stopped server it adds a network', async () => {
    const { id } = await server()
    await ask('stopVirtualMachine', { id })
    sight.rests(machine)
    expect(await tofu.plan(WELCOME)).toBe(0)
    await tofu.apply(WELCOME, STORAGE)
    // a record of CloudStack's until the server starts
    sight.rests(machine)
    await ask('startVirtualMachine', { id })
    const vm = await server()
    expect(vm.nic).toHaveLength(2)
    expect(await sight.runs(vm)).toBe(machine)
    const [, second] = vm.nic
    await site.lab.world.addSystemVlan(machine.name, sight.vlanOf(second) ?? 0, second.macaddress)
    expect(await sight.machineWith(second)).toBe(machine)
    expect(await tofu.plan(WELCOME, STORAGE)).toBe(0)
  })

  test('a running server keeps its second network, and with it everything', async () => {
    const { code, text } = await tofu.destroy(WELCOME, STORAGE)
    expect([code, text]).toEqual([1, expect.stringContaining('failed to unplug it')])
    expect(await sight.runs(await server())).toBe(machine)
    // it took no more than its outputs out of the state
    expect(await tofu.apply(WELCOME, STORAGE)).toContain('0 added, 0 changed, 0 destroyed')
    expect(await tofu.plan(WELCOME, STORAGE)).toBe(0)
  })

  test('destroy expunges it, and its disks are wiped', async () => {
    const { id } = await server()
    await ask('stopVirtualMachine', { id })
    expect(holds('content: ')).toBe(true)
    const { code, text } = await tofu.destroy(WELCOME, STORAGE)
    expect(code, text).toBe(0)
    expect(await ask('listVirtualMachines')).toEqual({})
    expect(await ask('listNetworks')).toEqual({})
    await sight.isWiped(machine)
    expect(await tofu.plan()).toBe(2)
  })

  test('made without a start, it has both networks from its first boot on', async () => {
    const vars = ['start=false', STORAGE]
    await tofu.apply(...vars)
    const { id, state } = await server()
    expect(state).toBe('Stopped')
    expect(HOSTS.map((name) => site.lab.world.machine(name).power())).toEqual(['off', 'off'])
    await ask('startVirtualMachine', { id })
    const vm = await server()
    expect(vm.nic).toHaveLength(2)
    machine = await sight.runs(vm)
    expect(await sight.machineWith(vm.nic[1])).toBe(machine)
    expect(await tofu.plan(...vars)).toBe(0)
    await ask('stopVirtualMachine', { id })
    const { code, text } = await tofu.destroy(...vars)
    expect(code, text).toBe(0)
    await sight.isWiped(machine)
  })
})
