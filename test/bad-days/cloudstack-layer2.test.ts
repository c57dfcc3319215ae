import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorldMachine } from '../../lab/world/types.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'

const HOSTS = ['r2-h1', 'r2-h3']
/** Two deployments, a start and two wipes, on a machine that is busy otherwise. */
const PATIENCE = 300_000
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2 tenant@example'

/** Networks that are a VLAN and nothing else, and those that several tenants share. */
describe('a server on layer 2 alone, and in a shared network', () => {
  let site: CloudSite
  beforeAll(async () => {
    // nobody takes over from it: a machine that is busy must not end it
    site = await CloudSite.open(testFolder('cloud-layer2'), { lease: '120s' })
    await site.furnish(HOSTS)
    await site.ask('registerSSHKeyPair', { name: 'mine', publickey: KEY })
  }, PATIENCE)
  afterAll(() => site?.close())

  const ports = ({ name }: WorldMachine) => site.vlansOf(name)
  const instance = (vm: { instancename: string }) => site.get(`instances/${vm.instancename}`)
  const network = (name: string, offering: string, params: Record<string, string> = {}) =>
    site.network(name, { networkofferingid: site.networkOffering(offering), ...params })
  const deploy = (name: string, networkids: string) => site.deploy(name, networkids, { keypair: 'mine' })

  async function expunge(vm: { id: string }, machine: WorldMachine): Promise<void> {
    await site.expunge(vm)
    // out of its networks with the answer; the wipe goes on
    expect(machine.power()).toBe('off')
    await expect
      .poll(() => [machine.installedFiles(), machine.power(), site.lab.maasStatus(machine)?.status], WAIT)
      .toEqual([null, 'off', 'Ready'])
    site.sight.rests(machine)
  }

  /** As a cloud user asks for it. */
  async function planOf({ id }: { id: string }, action: string): Promise<string> {
    const customactionid = site.cloud.state.customActions.find(({ name }) => name === 'Plan')?.id ?? ''
    const asked = { customactionid, resourceid: id, resourcetype: 'VirtualMachine' }
    const { customactionresult } = await site.ask('runCustomAction', {
      ...asked,
      'parameters[0].action': action,
    })
    return customactionresult.result.details
  }

  const deleteNetworks = async () => {
    for (const { id } of [...site.cloud.state.networks]) await site.ask('deleteNetwork', { id })
  }
  /** Who was ever seen in a VLAN, from a place in the diary on. */
  const seenIn = (vlan: number | null, from = 0) => [
    ...new Set(
      site.lab.world.diary
        .slice(from)
        .filter((line) => line.kind === 'presence' && line.vlan === vlan)
        .map(({ machine }) => machine),
    ),
  ]

  test(
    'with nothing but a VLAN that CloudStack allocated: its own MAC there, no address, no key, and whoever gets that VLAN next is alone in it',
    async () => {
      const wire = await network('wire', 'DefaultL2NetworkOffering')
      const vm = await deploy('bare1', wire)
      expect(vm.nic).toMatchObject([{ type: 'L2', isdefault: true, vlanid: 300 }])
      expect(vm.nic[0]).not.toHaveProperty('ipaddress')
      const machine = await site.sight.runs(vm)
      const [{ macaddress: mac }] = vm.nic
      expect(machine.interfaces()).toMatchObject([
        { name: 'bond0', mac, vlan: 300, tagged: false, lease: null },
      ])
      expect(ports(machine)).toEqual(machine.nics.map(() => [300]))
      expect(site.lab.world.dhcpServers.has(300)).toBe(false)
      // nobody serves metadata: the name is of the installation, and a key reaches it by no way
      const { '/etc/hostname': hostname, '/home/ubuntu/.ssh/authorized_keys': keys } =
        machine.installedFiles() ?? {}
      expect([hostname, keys]).toEqual([`${vm.instancename.toLowerCase()}\n`, undefined])
      expect(await instance(vm)).toMatchObject({
        ...{ state: 'running', nics: [{ vlan: 300, mac, isDefault: true }] },
      })

      const plan = await planOf(vm, 'destroy')
      for (const { cable } of machine.nics)
        expect(plan).toMatch(
          new RegExp(`"port":"${cable.port}".*"before":"access untagged 300","after":"access untagged 10"`),
        )

      // a stop parks it, and a start brings back the same, without an address again
      await site.stop(vm)
      site.sight.rests(machine)
      const started = await site.start(vm)
      expect(await site.sight.runs(started)).toBe(machine)

      await expunge(vm, machine)
      await deleteNetworks()
      const from = site.lab.world.diary.length
      const next = await deploy('bare2', await network('next', 'DefaultL2NetworkOffering'))
      expect(next.nic[0].vlanid).toBe(300)
      const heir = await site.sight.runs(next)
      expect(seenIn(300, from)).toEqual([heir.name])
      await expunge(next, heir)
      await deleteNetworks()
    },
    PATIENCE,
  )

  test(
    'beside an isolated network, in a VLAN that its maker chose: tagged, with its own MAC; taken away it is on no port, and free for another network',
    async () => {
      const blue = await network('blue', 'DefaultIsolatedNetworkOfferingWithSourceNatService')
      const wire = await network('wire', 'DefaultL2NetworkOfferingVlan', { vlan: '800' })
      const vm = await deploy('web1', `${blue},${wire}`)
      const machine = await site.sight.runs(vm)
      const [first, second] = vm.nic
      expect(ports(machine)).toEqual(machine.nics.map(() => [300, 800]))
      expect(machine.interfaces()).toMatchObject([
        {
          name: 'bond0',
          mac: first.macaddress,
          vlan: 300,
          lease: { ip: first.ipaddress, server: 'router-blue' },
        },
        { name: 'bond0.800', mac: second.macaddress, vlan: 800, tagged: true, lease: null },
      ])
      expect(machine.installedFiles()?.['/home/ubuntu/.ssh/authorized_keys']).toBe(`${KEY}\n`)
      expect((await instance(vm)).nics).toMatchObject([
        { vlan: 300, isDefault: true },
        { vlan: 800, mac: second.macaddress, isDefault: false },
      ])

      expect(await planOf(vm, 'destroy')).toContain('"before":"trunk untagged 300 tagged 800"')

      await site.stop(vm)
      await site.ask('removeNicFromVirtualMachine', { virtualmachineid: vm.id, nicid: second.id })
      await site.ask('deleteNetwork', { id: wire })
      const started = await site.start(vm)
      expect(await site.sight.runs(started)).toBe(machine)
      const from = site.lab.world.diary.length
      const heirs = await network('heirs', 'DefaultL2NetworkOfferingVlan', { vlan: '800' })
      const other = await deploy('other', heirs)
      const neighbour = await site.sight.runs(other)
      expect([ports(machine).flat().includes(800), seenIn(800, from)]).toEqual([false, [neighbour.name]])
      await expunge(other, neighbour)
      await expunge(vm, machine)
      await deleteNetworks()

      // the maker may choose, within what is ours
      const stray = deploy('stray', await network('stray', 'DefaultL2NetworkOfferingVlan', { vlan: '900' }))
      await expect(stray).rejects.toThrow(/VLAN 900 is outside 100-899, which the rack file gives to Ferrule/)
      const { id = '' } = site.cloud.state.vms.find(({ name }) => name === 'stray') ?? {}
      await site.expunge({ id })
      await deleteNetworks()
    },
    PATIENCE,
  )

  test(
    "two tenants' servers in one shared network: each leases its own address there, and when one goes the other stays",
    async () => {
      const addresses = { gateway: '192.0.2.1', netmask: '255.255.255.0', vlan: '700' }
      const lan = await network('lan', 'DefaultSharedNetworkOffering', addresses)
      const one = await deploy('one', lan)
      const other = await deploy('two', lan)
      expect([one, other].map(({ nic }) => nic[0].type)).toEqual(['Shared', 'Shared'])
      const machine = await site.sight.runs(one)
      const neighbour = await site.sight.runs(other)
      expect([machine, neighbour].map((each) => each.interfaces()[0]?.lease)).toMatchObject([
        { ip: one.nic[0].ipaddress, server: 'router-lan' },
        { ip: other.nic[0].ipaddress, server: 'router-lan' },
      ])
      expect(one.nic[0].ipaddress).not.toBe(other.nic[0].ipaddress)
      await expunge(one, machine)
      expect(await site.sight.runs(other)).toBe(neighbour)
      expect(ports(neighbour)).toEqual(neighbour.nics.map(() => [700]))
      await expunge(other, neighbour)
      // its VLAN is its own as long as it is there
      const twice = network('twice', 'DefaultL2NetworkOfferingVlan', { vlan: '700' })
      await expect(twice).rejects.toThrow(/existing network that uses VLAN 700/)
      await deleteNetworks()
    },
    PATIENCE,
  )
})
