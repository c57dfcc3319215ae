import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorldMachine } from '../../lab/world/types.ts'
import { createMaas } from '../../src/maas/client.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'

const HOSTS = ['r2-h1', 'r2-h3']
/** Two deployments and two wipes, on a machine that is busy otherwise. */
const PATIENCE = 300_000
const WIPED = { system: null, power: 'off', maas: 'Ready' }

/** The daemon as a process, on the lab's CloudStack, whose tenants have VPCs and IPv6. */
describe('a server in tenant networks of every kind', () => {
  let site: CloudSite
  beforeAll(async () => {
    // nobody takes over from it: a machine that is busy must not end it
    site = await CloudSite.open(testFolder('cloud-tiers'), { lease: '120s' })
    await site.furnish(HOSTS)
  }, PATIENCE)
  afterAll(() => site?.close())

  const left = (machine: WorldMachine) => ({
    ...{ system: machine.installedFiles(), power: machine.power() },
    maas: site.lab.maasStatus(machine)?.status,
  })

  async function vpcWithTiers(
    vpcName: string,
    networkofferingid: string,
  ): Promise<{ web: string; db: string }> {
    const vpcofferingid = site.cloud.state.vpcOfferings?.[0]?.id ?? ''
    const { vpc } = await site.ask('createVPC', {
      name: vpcName,
      ...site.zone,
      vpcofferingid,
      cidr: '10.0.0.0/16',
    })
    const tier = async (name: string, gateway: string) => {
      const addresses = { gateway, netmask: '255.255.255.0' }
      return site.network(name, { networkofferingid, vpcid: vpc.id, ...addresses })
    }
    return { web: await tier('web', '10.0.1.1'), db: await tier('db', '10.0.2.1') }
  }

  test(
    "in two tiers of a VPC it leases its address in each from the VPC's router, leaves a tier, and a VLAN that goes on to another tenant is on none of its ports",
    async () => {
      const { web, db } = await vpcWithTiers(
        'shop',
        site.networkOffering('DefaultIsolatedNetworkOfferingForVpcNetworksNoLB'),
      )
      const vm = await site.deploy('web1', `${web},${db}`)
      const machine = await site.sight.runs(vm)
      for (const nic of vm.nic) expect(await site.sight.machineWith(nic)).toBe(machine)
      expect(machine.interfaces().flatMap(({ lease }) => (lease ? [[lease.server, lease.ip]] : []))).toEqual([
        ['router-shop', '10.0.1.2'],
        ['router-shop', '10.0.2.2'],
      ])
      const { body } = await site.controller.call('GET', `instances/${vm.instancename}`)
      expect(JSON.stringify(body)).toContain('D1-A2-Z1-V1-S')

      // CloudStack makes it smaller, and no machine follows
      await site.stop(vm)
      const { serviceoffering } = await site.ask('createServiceOffering', {
        ...{ name: 'small', cpunumber: '8', memory: '32768' },
      })
      const resize = (serviceofferingid: string) =>
        site.ask('changeServiceForVirtualMachine', { id: vm.id, serviceofferingid })
      await resize(serviceoffering.id)
      await expect(site.start(vm)).rejects.toThrow(
        /is a machine with 16 CPUs and 65536 MiB, and its service offering now says 8 CPUs and 32768 MiB/,
      )
      site.sight.rests(machine)
      await resize(vm.serviceofferingid)

      // one tier is taken from it
      const freed = site.sight.vlanOf(vm.nic[1])
      await site.ask('removeNicFromVirtualMachine', { virtualmachineid: vm.id, nicid: vm.nic[1].id })
      const virtualmachine = await site.start(vm)
      expect(virtualmachine.nic).toHaveLength(1)
      expect(await site.sight.runs(virtualmachine)).toBe(machine)
      // and goes with its VLAN, which the next tenant gets
      await site.ask('deleteNetwork', { id: db })
      const other = await site.deploy('other', await site.network('blue'))
      expect(site.sight.vlanOf(other.nic[0])).toBe(freed)
      const neighbour = await site.sight.runs(other)
      expect(neighbour).not.toBe(machine)
      expect(await site.sight.runs(virtualmachine)).toBe(machine)
      expect(site.vlansOf(machine.name).flat()).not.toContain(freed)

      const last = site.sight.vlanOf(virtualmachine.nic[0])
      for (const one of [vm, other]) await site.expunge(one)
      await expect.poll(() => [machine, neighbour].map(left), WAIT).toEqual([WIPED, WIPED])
      for (const one of [machine, neighbour]) site.sight.rests(one)
      for (const { id } of [...site.cloud.state.networks]) await site.ask('deleteNetwork', { id })
      const shop = site.cloud.state.vpcs?.[0]
      await site.ask('deleteVPC', { id: shop?.id ?? '' })
      expect(site.lab.routers.networks()).toEqual([])
      // nobody but the server itself was ever seen in its VLAN
      const seen = site.lab.world.diary.filter(({ kind, vlan }) => kind === 'presence' && vlan === last)
      expect(new Set(seen.map((one) => one.machine))).toEqual(new Set([machine.name]))
    },
    PATIENCE,
  )

  test(
    'with IPv6 it has the addresses that CloudStack shows, and one default route, whatever its further networks advertise',
    async () => {
      const { networkoffering } = await site.ask('createNetworkOffering', {
        ...{ name: 'dual', guestiptype: 'Isolated', traffictype: 'GUEST', internetprotocol: 'dualstack' },
        ...{ supportedservices: 'Dhcp', 'serviceproviderlist[0].service': 'Dhcp' },
        'serviceproviderlist[0].provider': 'VirtualRouter',
      })
      const blue = await site.network('blue', { networkofferingid: networkoffering.id })
      const lan = await site.network('lan', {
        ...{ networkofferingid: site.networkOffering('DefaultSharedNetworkOffering'), vlan: '700' },
        ...{ gateway: '192.0.2.1', netmask: '255.255.255.0' },
        ...{ ip6gateway: '2001:db8:7::1', ip6cidr: '2001:db8:7::/64' },
      })
      const plain = await site.network('plain')
      const vm = await site.deploy('dual1', `${blue},${plain},${lan}`)
      const machine = await site.sight.runs(vm)
      for (const nic of vm.nic) expect(await site.sight.machineWith(nic)).toBe(machine)
      const shown = vm.nic.map((nic: { ip6address?: string }) => nic.ip6address)
      const [own, none, further] = shown
      expect([own, none, further]).toEqual([
        expect.stringMatching(/^2001:db8:1:1:/),
        undefined,
        expect.stringMatching(/^2001:db8:7:/),
      ])
      const held = () => machine.interfaces().map(({ ip6 = [] }) => ip6)
      const wanted = [
        [{ address: own, router: 'router-blue' }],
        // what is advertised there as well would be a second default route
        [{ address: further, router: null }],
        [],
      ]
      await expect.poll(held, WAIT).toEqual(expect.arrayContaining(wanted))
      expect(held().flat()).toHaveLength(2)
      expect((await site.get(`instances/${vm.instancename}`)).nics).toContainEqual(
        expect.objectContaining({ vlan: 700, ip6: `${further}/64` }),
      )

      await site.expunge(vm)
      await expect.poll(() => left(machine), WAIT).toEqual(WIPED)
    },
    PATIENCE,
  )

  test(
    "with IPv6 in a VPC's tiers: a second tier comes and goes, a reinstall brings its address too, and the VPC's router gives the only default route",
    async () => {
      const { networkoffering } = await site.ask('createNetworkOffering', {
        ...{ name: 'dual-tier', guestiptype: 'Isolated', traffictype: 'GUEST', forvpc: 'true' },
        ...{
          internetprotocol: 'dualstack',
          supportedservices: 'Dhcp',
          'serviceproviderlist[0].service': 'Dhcp',
        },
        'serviceproviderlist[0].provider': 'VpcVirtualRouter',
      })
      const { web, db } = await vpcWithTiers('mall', networkoffering.id)
      const vm = await site.deploy('tier1', web)
      const machine = await site.sight.runs(vm)
      const [first] = vm.nic
      const held = () => machine.interfaces().map(({ ip6 = [] }) => ip6)
      expect(first.ip6address).toMatch(/^2001:db8:1:/)
      await expect.poll(held, WAIT).toEqual([[{ address: first.ip6address, router: 'router-mall' }]])

      // a tier more, while it is stopped
      await site.stop(vm)
      site.sight.rests(machine)
      await site.ask('addNicToVirtualMachine', { virtualmachineid: vm.id, networkid: db })
      const started = await site.start(vm)
      expect(started.nic).toHaveLength(2)
      expect(await site.sight.runs(started)).toBe(machine)
      const second = started.nic[1]
      expect(second.ip6address).toMatch(/^2001:db8:1:/)
      // its system knows of none of its own: what a tenant does for a network that came later
      await site.lab.world.addSystemVlan(machine.name, site.sight.vlanOf(second) ?? 0, second.macaddress)
      expect(await site.sight.machineWith(second)).toBe(machine)

      const { instancename } = started
      const reinstalled = await site.controller.call('POST', `instances/${instancename}/reinstall`, {
        erase: 'quick',
      })
      expect(reinstalled.status).toBe(202)
      const state = async () => (await site.get(`instances/${instancename}`)).state
      await expect.poll(state, WAIT).toBe('running')
      await expect.poll(held, WAIT).toEqual([
        [{ address: first.ip6address, router: 'router-mall' }],
        // what is advertised there as well would be a second default route
        [{ address: second.ip6address, router: null }],
      ])
      expect(await site.sight.runs(started)).toBe(machine)
      for (const nic of started.nic) expect(await site.sight.machineWith(nic)).toBe(machine)

      // and the second one is taken away again
      const freed = site.sight.vlanOf(second)
      await site.stop(vm)
      await site.ask('removeNicFromVirtualMachine', { virtualmachineid: vm.id, nicid: second.id })
      const last = await site.start(vm)
      expect(last.nic).toMatchObject([{ ip6address: first.ip6address }])
      expect(await site.sight.runs(last)).toBe(machine)
      expect(site.vlansOf(machine.name).flat()).not.toContain(freed)
      // the system keeps what it was installed with; its own route is the one of the network that it still has
      await expect.poll(() => held()[0], WAIT).toEqual([{ address: first.ip6address, router: 'router-mall' }])

      await site.expunge(vm)
      await expect.poll(() => left(machine), WAIT).toEqual(WIPED)
      for (const id of [web, db]) await site.ask('deleteNetwork', { id })
    },
    PATIENCE,
  )

  test(
    'its offering lays out its disks, and a layout that nothing can start from is told to who asks for it',
    async () => {
      const { url, key } = site.lab.facts().maas
      const maas = createMaas({ url, key })
      const network = await site.network('disks')
      const laidOut = async (name: string, layout: string) => {
        const { serviceoffering } = await site.ask('createServiceOffering', {
          ...{ name: layout, displaytext: layout, cpunumber: '16', cpuspeed: '2000', memory: '65536' },
          ...{ 'externaldetails[0].erase': 'quick', 'externaldetails[1].disk_layout': layout },
        })
        return site.deploy(name, network, { serviceofferingid: serviceoffering.id })
      }
      await expect(laidOut('none', 'blank')).rejects.toThrow(
        /disk layout blank leaves the disks without a root file system.*Use one of flat, lvm, bcache/,
      )
      const { id = '' } = site.cloud.state.vms.find((one) => one.name === 'none') ?? {}
      await site.expunge({ id })
      const vm = await laidOut('volumes', 'lvm,root_size=100G')
      const machine = await site.sight.runs(vm)
      const systemId = site.lab.maasStatus(machine)?.systemId ?? ''
      expect((await maas.machine(systemId)).diskLayout).toMatchObject({ name: 'lvm', disk: 'sda' })

      await site.expunge(vm)
      await expect.poll(() => left(machine), WAIT).toEqual(WIPED)
      await expect
        .poll(async () => (await maas.machine(systemId)).diskLayout, WAIT)
        .toMatchObject({ name: 'flat', disk: 'sda' })
      await site.ask('deleteNetwork', { id: network })
    },
    PATIENCE,
  )
})
