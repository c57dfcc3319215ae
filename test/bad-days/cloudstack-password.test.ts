import { spawnSync } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { control } from '../../lab/test-client.ts'
import { isPassword, SHADOW } from '../../lab/world/shadow.ts'
import type { WorldMachine } from '../../lab/world/types.ts'
import { createCloudstackClient } from '../../src/cloudstack/client/client.ts'
import { install } from '../../src/cloudstack/install/install.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { askCloud } from '../support/cloud.ts'
import { Production } from '../support/production.ts'
import { ServerSight } from '../support/server-sight.ts'

const HOSTS = ['r2-h1', 'r2-h3']
/** Two deployments, two starts and two wipes, on a machine that is busy otherwise. */
const PATIENCE = 300_000
const WAIT = { timeout: 100_000, interval: 200 }
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw tenant@example'

/** CloudStack makes passwords, its virtual routers hand them out, and Ferrule never hears one. */
describe('the password of a server', () => {
  let folder: string
  let site: Production
  let sight: ServerSight
  let templateid: string
  /** Every password that CloudStack gave in this life, and what its records have of them. */
  const secrets: string[] = []

  beforeAll(async () => {
    folder = testFolder('cloud-password')
    // nobody takes over from it: a machine that is busy must not end it
    site = await Production.open(folder, { cloudstack: true, lease: '120s' })
    sight = new ServerSight(site, HOSTS)
    await site.applyRacks()
    await site.addHosts(HOSTS)
    const { url, apiKey, secretKey } = site.lab.facts().cloudstack
    const client = createCloudstackClient({ url, apiKey, secretKey, now: Date.now, sleep: async () => {} })
    const options = {
      ...{ name: 'ferrule', zone: null, pod: null, images: ['ubuntu/jammy'] },
      sizes: [{ cpuCount: 16, memoryMib: 65_536 }],
    }
    await install({ files: null, site: { client, options } }, { dryRun: false, report: () => {} })
    for (const offering of cloud().state.serviceOfferings) offering.externalDetails.erase = 'quick'
    const { template } = await ask('registerTemplate', {
      ...{ name: 'jammy-password', url: 'http://none', format: 'EXTERNAL', hypervisor: 'External' },
      ...{ ...zone(), extensionid: cloud().state.extensions[0]?.id ?? '', passwordenabled: 'true' },
      'externaldetails[0].image': 'ubuntu/jammy',
    })
    templateid = template[0].id
    await ask('registerSSHKeyPair', { name: 'mine', publickey: KEY })
  }, PATIENCE)
  afterAll(async () => {
    await site?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const cloud = () => site.lab.cloudstack
  const ask = (command: string, params: Record<string, string> = {}) => askCloud(cloud(), command, params)
  const zone = () => ({ zoneid: cloud().state.zone.id })

  /** In a network of its own. */
  async function deploy(name: string) {
    const isolated = 'DefaultIsolatedNetworkOfferingWithSourceNatService'
    const networkofferingid = cloud().state.networkOfferings.find((one) => one.name === isolated)?.id ?? ''
    const { network } = await ask('createNetwork', { name, ...zone(), networkofferingid })
    const serviceofferingid = cloud().state.serviceOfferings[0]?.id ?? ''
    const asked = { name, networkids: network.id, keypair: 'mine', ...zone(), templateid, serviceofferingid }
    const vm = (await ask('deployVirtualMachine', asked)).virtualmachine
    expect(vm.password).toMatch(/^[A-Za-z0-9]{14}$/)
    secrets.push(vm.password)
    return vm
  }

  /** As the lab's own API tells it to whoever drives the lab. */
  async function file({ name }: WorldMachine, path: string): Promise<string> {
    const asked = `/machines/${name}/files?path=${encodeURIComponent(path)}`
    return (await control<{ text: string }>(site.lab.facts(), 'GET', asked)).text
  }
  const lets = async (machine: WorldMachine, password: string) =>
    isPassword(await file(machine, SHADOW), 'ubuntu', password)
  /** What the router says whose server asks once more. */
  const left = (vm: { nic: { ipaddress: string; macaddress: string }[] }) => {
    const [nic] = vm.nic
    const router = nic && site.lab.world.dhcpServers.get(sight.vlanOf(nic) ?? 0)
    const headers = { domu_request: 'send_my_password' }
    return router?.answer?.(nic?.ipaddress ?? '', { port: 8080, path: '/', headers })
  }

  const gone = (machine: WorldMachine) =>
    expect
      .poll(() => [machine.installedFiles(), machine.power(), site.lab.maasStatus(machine)?.status], WAIT)
      .toEqual([null, 'off', 'Ready'])

  let web: Awaited<ReturnType<typeof deploy>>
  let server: WorldMachine

  test(
    'a server sets the one that its own router has, with its SSH key and its name; the same address in another tenant’s network has another',
    async () => {
      web = await deploy('web1')
      server = await sight.runs(web)
      const other = await deploy('other')
      const neighbour = await sight.runs(other)
      expect(neighbour).not.toBe(server)
      expect(other.nic[0].ipaddress).toBe(web.nic[0].ipaddress)
      expect([await lets(server, web.password), await lets(neighbour, other.password)]).toEqual([true, true])
      expect([await lets(server, other.password), await lets(neighbour, web.password)]).toEqual([
        false,
        false,
      ])
      expect([left(web), left(other)]).toEqual(['saved_password', 'saved_password'])
      expect(await file(server, '/home/ubuntu/.ssh/authorized_keys')).toBe(`${KEY}\n`)
      expect([await file(server, '/etc/hostname'), await file(neighbour, '/etc/hostname')]).toEqual([
        ...['web1\n', 'other\n'],
      ])
      await ask('destroyVirtualMachine', { id: other.id, expunge: 'true' })
      await gone(neighbour)
    },
    PATIENCE,
  )

  test(
    'a reset of a stopped server waits at the router, and is set with the next start',
    async () => {
      const reset = (id: string) => ask('resetPasswordForVirtualMachine', { id })
      await expect(reset(web.id)).rejects.toThrow(/^431 .*should be stopped to do password reset/)
      await ask('stopVirtualMachine', { id: web.id })
      const { password } = (await reset(web.id)).virtualmachine
      secrets.push(password)
      expect(left(web)).toBe(password)
      const started = (await ask('startVirtualMachine', { id: web.id })).virtualmachine
      expect(await sight.runs(started)).toBe(server)
      expect([await lets(server, password), await lets(server, web.password)]).toEqual([true, false])
      expect(left(started)).toBe('saved_password')
    },
    PATIENCE,
  )

  test(
    'a reset after its network and router were collected is set too, in whatever VLAN it comes back',
    async () => {
      cloud().dials.networkGcMs = 0
      await ask('stopVirtualMachine', { id: web.id })
      await expect.poll(() => site.lab.routers.networks(), WAIT).toEqual([])
      const { password } = (await ask('resetPasswordForVirtualMachine', { id: web.id })).virtualmachine
      const sealed = cloud().state.vms.find(({ id }) => id === web.id)?.details.password ?? ''
      expect(sealed).not.toBe('')
      secrets.push(password, sealed)
      const started = (await ask('startVirtualMachine', { id: web.id })).virtualmachine
      expect(started.password).toBe(password)
      expect(await sight.runs(started)).toBe(server)
      expect(await lets(server, password)).toBe(true)

      // a later start has no password with it, and leaves the one that is there
      await ask('stopVirtualMachine', { id: web.id })
      const again = (await ask('startVirtualMachine', { id: web.id })).virtualmachine
      expect(again.password).toBeUndefined()
      expect(await sight.runs(again)).toBe(server)
      expect(await lets(server, password)).toBe(true)
    },
    PATIENCE,
  )

  test(
    'Ferrule has none of them: not in its database, its logs, its events and operations, or on a console',
    async () => {
      expect(secrets).toHaveLength(5)
      const paths = ['events?limit=500', 'operations', 'instances', `why/instance/${web.instancename}`]
      const said = JSON.stringify(await Promise.all(paths.map((one) => site.controller.call('GET', one))))
      expect(said).toContain(web.instancename)
      const shown = said + server.serialPort.history().toString()
      for (const secret of secrets) {
        expect(shown).not.toContain(secret)
        const found = spawnSync('grep', ['-rlF', secret, join(folder, 'data')])
        expect([found.status, found.stdout.toString()]).toEqual([1, ''])
      }
      await ask('destroyVirtualMachine', { id: web.id, expunge: 'true' })
      await gone(server)
    },
    PATIENCE,
  )
})
