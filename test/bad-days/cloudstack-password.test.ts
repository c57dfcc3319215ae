import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { control } from '../../lab/test-client.ts'
import { isPassword, SHADOW } from '../../lab/world/shadow.ts'
import type { WorldMachine } from '../../lab/world/types.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'

const HOSTS = ['r2-h1', 'r2-h3']
/** Two deployments, two starts and two wipes, on a machine that is busy otherwise. */
const PATIENCE = 300_000
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw tenant@example'

/** CloudStack makes passwords, its virtual routers hand them out, and Ferrule never hears one. */
describe('the password of a server', () => {
  let site: CloudSite
  let templateid: string
  /** Every password that CloudStack gave in this life, and what its records have of them. */
  const secrets: string[] = []

  beforeAll(async () => {
    // nobody takes over from it: a machine that is busy must not end it
    site = await CloudSite.open(testFolder('cloud-password'), { lease: '120s' })
    await site.furnish(HOSTS)
    const { template } = await site.ask('registerTemplate', {
      ...{ name: 'jammy-password', url: 'http://none', format: 'EXTERNAL', hypervisor: 'External' },
      ...{ ...site.zone, extensionid: site.cloud.state.extensions[0]?.id ?? '', passwordenabled: 'true' },
      'externaldetails[0].image': 'ubuntu/jammy',
    })
    templateid = template[0].id
    await site.ask('registerSSHKeyPair', { name: 'mine', publickey: KEY })
  }, PATIENCE)
  afterAll(() => site?.close())

  /** In a network of its own. */
  async function deploy(name: string) {
    const vm = await site.deploy(name, await site.network(name), { keypair: 'mine', templateid })
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
    const router = nic && site.lab.world.dhcpServers.get(site.sight.vlanOf(nic) ?? 0)
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
      server = await site.sight.runs(web)
      const other = await deploy('other')
      const neighbour = await site.sight.runs(other)
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
      await site.expunge(other)
      await gone(neighbour)
    },
    PATIENCE,
  )

  test(
    'a reset of a stopped server waits at the router, and is set with the next start',
    async () => {
      const reset = (id: string) => site.ask('resetPasswordForVirtualMachine', { id })
      await expect(reset(web.id)).rejects.toThrow(/^431 .*should be stopped to do password reset/)
      await site.stop(web)
      const { password } = (await reset(web.id)).virtualmachine
      secrets.push(password)
      expect(left(web)).toBe(password)
      const started = await site.start(web)
      expect(await site.sight.runs(started)).toBe(server)
      expect([await lets(server, password), await lets(server, web.password)]).toEqual([true, false])
      expect(left(started)).toBe('saved_password')
    },
    PATIENCE,
  )

  test(
    'a reset after its network and router were collected is set too, in whatever VLAN it comes back',
    async () => {
      site.cloud.dials.networkGcMs = 0
      await site.stop(web)
      await expect.poll(() => site.lab.routers.networks(), WAIT).toEqual([])
      const { password } = (await site.ask('resetPasswordForVirtualMachine', { id: web.id })).virtualmachine
      const sealed = site.cloud.state.vms.find(({ id }) => id === web.id)?.details.password ?? ''
      expect(sealed).not.toBe('')
      secrets.push(password, sealed)
      const started = await site.start(web)
      expect(started.password).toBe(password)
      expect(await site.sight.runs(started)).toBe(server)
      expect(await lets(server, password)).toBe(true)

      // a later start has no password with it, and leaves the one that is there
      await site.stop(web)
      const again = await site.start(web)
      expect(again.password).toBeUndefined()
      expect(await site.sight.runs(again)).toBe(server)
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
        const found = spawnSync('grep', ['-rlF', secret, site.production.dataDir])
        expect([found.status, found.stdout.toString()]).toEqual([1, ''])
      }
      await site.expunge(web)
      await gone(server)
    },
    PATIENCE,
  )
})
