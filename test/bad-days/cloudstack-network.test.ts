import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'

const PATIENCE = 150_000
const HOST = 'r2-h1'
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKx tenant@example'
const SECRET = 'a-word-that-only-the-server-may-see'
/** What a tenant may write: YAML, quotes, a line that could end a block, and a script's own words. */
const USER_DATA = `#cloud-config\nwrite_files:\n  - path: /root/word\n    content: "${SECRET}"\nruncmd:\n  - echo 'it''s "done"' > /root/ran\n`

/** The lab's CloudStack calls Ferrule as a NetworkOrchestrator, on a network where nobody serves user data. */
describe('user data and NICs on a network without a virtual router', () => {
  let site: CloudSite
  beforeAll(async () => {
    // by itself it never looks at CloudStack: what it sees, a NIC made it look for
    site = await CloudSite.open(testFolder('cloud-network'), { looks: '3650d' })
    await site.furnish([HOST], { networkOrchestrator: { physicalNetwork: null } })
    await site.ask('registerSSHKeyPair', { name: 'mine', publickey: KEY })
  }, PATIENCE)
  afterAll(() => site?.close())

  const file = (path: string) => site.lab.world.machine(HOST).installedFiles()?.[path] ?? null
  const events = async () =>
    (await site.get('events?limit=500')).items.map(
      ({ kind, message }: { kind: string; message: string }) => `${kind}: ${message}`,
    )
  const told = async () => (await site.get('why/instance/i-2-3-VM')).evidence?.join('\n') ?? ''

  /** As CloudStack starts it, by hand. */
  function knock(command: string, payload: unknown): Promise<{ exit: number; out: string }> {
    const path = join(site.folder, `cs-extnet-${command}-1.payload`)
    return writeFile(path, JSON.stringify({ payload })).then(
      () =>
        new Promise((resolve) => {
          const env = {
            ...process.env,
            FERRULE_SOCKET: join(site.folder, 'ferrule.sock'),
            FERRULE_EXTENSION_CONFIG: '/none',
          }
          const program = new URL('../../extension/ferrule.sh', import.meta.url).pathname
          execFile(program, [command, path, '60'], { env }, (error, out, err) =>
            resolve({ exit: error ? Number(error.code) : 0, out: out + err }),
          )
        }),
    )
  }

  /** What a person in the room would see that somebody did; its system may still be settling by itself. */
  const handled = () => {
    const [scene] = site.production.scene([HOST])
    const { diary } = site.lab.world
    const switched = diary.filter(({ machine, kind }) => machine === HOST && kind === 'power').length
    return { ...scene, sighted: null, switched }
  }

  let vm: { id: string; nic: { id: string; macaddress: string }[] }

  test(
    'a server gets its SSH key, its name and its user data with the installation, and nobody else sees them',
    async () => {
      const offering = site.cloud.state.networkOfferings.find(({ providers }) => providers?.UserData)
      const network = await site.network('flat', { networkofferingid: offering?.id ?? '' })
      vm = await site.deploy('web1', network, {
        ...{ keypair: 'mine', userdata: Buffer.from(USER_DATA).toString('base64') },
      })
      expect(site.lab.routers.networks()).toEqual([])
      await expect
        .poll(
          () => ({
            keys: file('/home/ubuntu/.ssh/authorized_keys'),
            ...{ word: file('/root/word'), ran: file('/root/ran') },
            name: site.lab.world.machine(HOST).running(),
          }),
          WAIT,
        )
        .toMatchObject({
          ...{ keys: `${KEY}\n`, word: SECRET, ran: 'its "done"\n' },
          name: { kind: 'system', hostname: 'web1' },
        })
      // what one line of JSON says of the device was kept, and comes back
      expect(site.cloud.state.networks[0]?.device).toBe('{"device":"ferrule"}')
      const paths = ['events?limit=500', 'operations', 'instances', 'why/instance/i-2-3-VM']
      const said = JSON.stringify(await Promise.all(paths.map((one) => site.controller.call('GET', one))))
      expect(said).toContain('user data and SSH keys come with the installation')
      expect(said).not.toContain(SECRET)
      expect(said).not.toContain('AAAAC3NzaC1lZDI1NTE5')
    },
    PATIENCE,
  )

  test(
    'other user data reaches an installed server with a reinstall, and that is told',
    async () => {
      const changed = { nic_uuid: vm.nic[0]?.id, userdata: USER_DATA.replace(SECRET, 'other') }
      expect(await knock('save-userdata', changed)).toEqual({ exit: 0, out: '\n' })
      expect(await events()).toContainEqual(
        expect.stringMatching(/^instance\.user-data: .*keeps what it was installed with until a reinstall/),
      )
      expect(file('/root/word')).toBe(SECRET)
      await site.production.succeeded(
        await site.production.begin('instances/i-2-3-VM/reinstall', { erase: 'quick' }),
      )
      await expect.poll(() => file('/root/word'), WAIT).toBe('other')
      expect(file('/home/ubuntu/.ssh/authorized_keys')).toBe(`${KEY}\n`)
    },
    PATIENCE,
  )

  test(
    'a NIC makes it look at once, and leaves word with its server; no NIC makes it do anything',
    async () => {
      const own = site.cloud.state.vms.find(({ id }) => id === vm.id)
      const [first] = own?.nics ?? []
      if (!own || !first) throw new Error('the VM is gone')
      const before = handled()
      // CloudStack has a NIC more, and nothing but its own NIC event says so
      const added = {
        ...first,
        id: 'f0000000-0000-4000-8000-000000000001',
        mac: '02:01:00:cc:00:77',
        isDefault: false,
      }
      own.nics.push(added)
      const payload = {
        vlan: '3000',
        mac: added.mac,
        nic_uuid: added.id,
        hostname: 'web1',
        default_nic: 'false',
      }
      expect(await knock('prepare-nic', payload)).toEqual({ exit: 0, out: '\n' })
      await expect.poll(told, WAIT).toContain(`NIC ${added.mac} is not on the server`)
      expect(await events()).toContainEqual(
        expect.stringMatching(
          /^instance\.nic-reserved: CloudStack reserved NIC 02:01:00:cc:00:77 \(VLAN 3000\) for i-2-3-VM/,
        ),
      )
      own.nics.pop()
      expect(await knock('release-nic', { ...payload, mac: first.mac, nic_uuid: first.id })).toMatchObject({
        exit: 0,
      })
      await expect.poll(told, WAIT).not.toContain(added.mac)
      expect(await events()).toContainEqual(expect.stringMatching(/^instance\.nic-released: /))
      expect(handled()).toEqual(before)
    },
    PATIENCE,
  )

  test(
    'what Ferrule does not serve is refused, and what ends is not; at rest nothing of a tenant can be read',
    async () => {
      expect(await knock('add-dhcp-entry', { mac: '02:01:00:cc:00:01' })).toMatchObject({
        ...{ exit: 1, out: expect.stringContaining('UserData of a network, and no other') },
      })
      const vm_data = [
        { dir: 'meta-data', file: 'vm-id', content: 'f0000000-0000-4000-8000-000000000002' },
        { dir: 'password', file: 'vm_password', content: SECRET },
      ]
      const refused = await knock('save-vm-data', { nic_uuid: 'n', vm_data })
      expect(refused).toMatchObject({ exit: 1, out: expect.stringContaining('Use SSH keys') })
      expect(refused.out).not.toContain(SECRET)
      expect(await knock('remove-dhcp-entry', {})).toEqual({ exit: 0, out: '\n' })

      // its database and its logs have it sealed
      const found = spawnSync('grep', ['-rlE', `${SECRET}|AAAAC3NzaC1lZDI1NTE5`, site.production.dataDir])
      expect([found.status, found.stdout.toString()]).toEqual([1, ''])

      await site.expunge(vm)
      await site.ask('deleteNetwork', { id: site.cloud.state.networks[0]?.id ?? '' })
      expect(site.cloud.state.networks).toEqual([])
    },
    PATIENCE,
  )
})
