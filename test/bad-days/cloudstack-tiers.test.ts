import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WorldMachine } from '../../lab/world/types.ts'
import { createCloudstackClient } from '../../src/cloudstack/client/client.ts'
import { install } from '../../src/cloudstack/install/install.ts'
import { createMaas } from '../../src/maas/client.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { askCloud } from '../support/cloud.ts'
import { Production } from '../support/production.ts'
import { ServerSight } from '../support/server-sight.ts'

const HOSTS = ['r2-h1', 'r2-h3']
/** Two deployments and two wipes, on a machine that is busy otherwise. */
const PATIENCE = 300_000
const WIPED = { system: null, power: 'off', maas: 'Ready' }
const WAIT = { timeout: 100_000, interval: 200 }

/** The daemon as a process, on the lab's CloudStack, whose tenants have VPCs and IPv6. */
describe('a server in tenant networks of every kind', () => {
  let folder: string
  let site: Production
  let sight: ServerSight
  beforeAll(async () => {
    folder = testFolder('cloud-tiers')
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
  }, PATIENCE)
  afterAll(async () => {
    await site?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const cloud = () => site.lab.cloudstack
  const ask = (command: string, params: Record<string, string> = {}) => askCloud(cloud(), command, params)
  const zone = () => ({ zoneid: cloud().state.zone.id })
  const offering = (name: string) => cloud().state.networkOfferings.find((one) => one.name === name)?.id ?? ''
  const ports = (name: string) => site.portsOf(name).map(({ untagged, tagged }) => [untagged, ...tagged])

  const left = (machine: WorldMachine) => ({
    ...{ system: machine.installedFiles(), power: machine.power() },
    maas: site.lab.maasStatus(machine)?.status,
  })

  async function vpcWithTiers(
    vpcName: string,
    networkofferingid: string,
  ): Promise<{ web: string; db: string }> {
    const vpcofferingid = cloud().state.vpcOfferings?.[0]?.id ?? ''
    const { vpc } = await ask('createVPC', { name: vpcName, ...zone(), vpcofferingid, cidr: '10.0.0.0/16' })
    const tier = async (name: string, gateway: string) => {
      const addresses = { gateway, netmask: '255.255.255.0' }
      const { network } = await ask('createNetwork', {
        ...{ name, ...zone(), networkofferingid, vpcid: vpc.id, ...addresses },
      })
      return network.id
    }
    return { web: await tier('web', '10.0.1.1'), db: await tier('db', '10.0.2.1') }
  }

  async function deploy(
    name: string,
    networkids: string,
    serviceofferingid = cloud().state.serviceOfferings[0]?.id ?? '',
  ) {
    const templateid = cloud().state.templates[0]?.id ?? ''
    const asked = { name, networkids, ...zone(), templateid, serviceofferingid }
    return (await ask('deployVirtualMachine', asked)).virtualmachine
  }

  test(
    "in two tiers of a VPC it leases its address in each from the VPC's router, leaves a tier, and a VLAN that goes on to another tenant is on none of its ports",
    async () => {
      const { web, db } = await vpcWithTiers(
        'shop',
        offering('DefaultIsolatedNetworkOfferingForVpcNetworksNoLB'),
      )
      const vm = await deploy('web1', `${web},${db}`)
      const machine = await sight.runs(vm)
      for (const nic of vm.nic) expect(await sight.machineWith(nic)).toBe(machine)
      expect(machine.interfaces().flatMap(({ lease }) => (lease ? [[lease.server, lease.ip]] : []))).toEqual([
        ['router-shop', '10.0.1.2'],
        ['router-shop', '10.0.2.2'],
      ])
      const { body } = await site.controller.call('GET', `instances/${vm.instancename}`)
      expect(JSON.stringify(body)).toContain('D1-A2-Z1-V1-S')

      // CloudStack makes it smaller, and no machine follows
      await ask('stopVirtualMachine', { id: vm.id })
      const { serviceoffering } = await ask('createServiceOffering', {
        ...{ name: 'small', cpunumber: '8', memory: '32768' },
      })
      const resize = (serviceofferingid: string) =>
        ask('changeServiceForVirtualMachine', { id: vm.id, serviceofferingid })
      await resize(serviceoffering.id)
      await expect(ask('startVirtualMachine', { id: vm.id })).rejects.toThrow(
        /is a machine with 16 CPUs and 65536 MiB, and its service offering now says 8 CPUs and 32768 MiB/,
      )
      sight.rests(machine)
      await resize(vm.serviceofferingid)

      // one tier is taken from it
      const freed = sight.vlanOf(vm.nic[1])
      await ask('removeNicFromVirtualMachine', { virtualmachineid: vm.id, nicid: vm.nic[1].id })
      const { virtualmachine } = await ask('startVirtualMachine', { id: vm.id })
      expect(virtualmachine.nic).toHaveLength(1)
      expect(await sight.runs(virtualmachine)).toBe(machine)
      // and goes with its VLAN, which the next tenant gets
      await ask('deleteNetwork', { id: db })
      const networkofferingid = offering('DefaultIsolatedNetworkOfferingWithSourceNatService')
      const { network } = await ask('createNetwork', { name: 'blue', ...zone(), networkofferingid })
      const other = await deploy('other', network.id)
      expect(sight.vlanOf(other.nic[0])).toBe(freed)
      const neighbour = await sight.runs(other)
      expect(neighbour).not.toBe(machine)
      expect(await sight.runs(virtualmachine)).toBe(machine)
      expect(ports(machine.name).flat()).not.toContain(freed)

      const last = sight.vlanOf(virtualmachine.nic[0])
      for (const { id } of [vm, other]) await ask('destroyVirtualMachine', { id, expunge: 'true' })
      await expect.poll(() => [machine, neighbour].map(left), WAIT).toEqual([WIPED, WIPED])
      for (const one of [machine, neighbour]) sight.rests(one)
      for (const { id } of [...cloud().state.networks]) await ask('deleteNetwork', { id })
      const shop = cloud().state.vpcs?.[0]
      await ask('deleteVPC', { id: shop?.id ?? '' })
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
      const { networkoffering } = await ask('createNetworkOffering', {
        ...{ name: 'dual', guestiptype: 'Isolated', traffictype: 'GUEST', internetprotocol: 'dualstack' },
        ...{ supportedservices: 'Dhcp', 'serviceproviderlist[0].service': 'Dhcp' },
        'serviceproviderlist[0].provider': 'VirtualRouter',
      })
      const made = async (params: Record<string, string>) =>
        (await ask('createNetwork', { ...zone(), ...params })).network.id
      const blue = await made({ name: 'blue', networkofferingid: networkoffering.id })
      const lan = await made({
        ...{ name: 'lan', networkofferingid: offering('DefaultSharedNetworkOffering'), vlan: '700' },
        ...{ gateway: '192.0.2.1', netmask: '255.255.255.0' },
        ...{ ip6gateway: '2001:db8:7::1', ip6cidr: '2001:db8:7::/64' },
      })
      const plain = await made({
        name: 'plain',
        networkofferingid: offering('DefaultIsolatedNetworkOfferingWithSourceNatService'),
      })
      const vm = await deploy('dual1', `${blue},${plain},${lan}`)
      const machine = await sight.runs(vm)
      for (const nic of vm.nic) expect(await sight.machineWith(nic)).toBe(machine)
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
      expect((await site.controller.call('GET', `instances/${vm.instancename}`)).body.nics).toContainEqual(
        expect.objectContaining({ vlan: 700, ip6: `${further}/64` }),
      )

      await ask('destroyVirtualMachine', { id: vm.id, expunge: 'true' })
      await expect.poll(() => left(machine), WAIT).toEqual(WIPED)
    },
    PATIENCE,
  )

  test(
    "with IPv6 in a VPC's tiers: a second tier comes and goes, a reinstall brings its address too, and the VPC's router gives the only default route",
    async () => {
      const { networkoffering } = await ask('createNetworkOffering', {
        ...{ name: 'dual-tier', guestiptype: 'Isolated', traffictype: 'GUEST', forvpc: 'true' },
        ...{
          internetprotocol: 'dualstack',
          supportedservices: 'Dhcp',
          'serviceproviderlist[0].service': 'Dhcp',
        },
        'serviceproviderlist[0].provider': 'VpcVirtualRouter',
      })
      const { web, db } = await vpcWithTiers('mall', networkoffering.id)
      const vm = await deploy('tier1', web)
      const machine = await sight.runs(vm)
      const [first] = vm.nic
      const held = () => machine.interfaces().map(({ ip6 = [] }) => ip6)
      expect(first.ip6address).toMatch(/^2001:db8:1:/)
      await expect.poll(held, WAIT).toEqual([[{ address: first.ip6address, router: 'router-mall' }]])

      // a tier more, while it is stopped
      await ask('stopVirtualMachine', { id: vm.id })
      sight.rests(machine)
      await ask('addNicToVirtualMachine', { virtualmachineid: vm.id, networkid: db })
      const started = (await ask('startVirtualMachine', { id: vm.id })).virtualmachine
      expect(started.nic).toHaveLength(2)
      expect(await sight.runs(started)).toBe(machine)
      const second = started.nic[1]
      expect(second.ip6address).toMatch(/^2001:db8:1:/)
      // its system knows of none of its own: what a tenant does for a network that came later
      await site.lab.world.addSystemVlan(machine.name, sight.vlanOf(second) ?? 0, second.macaddress)
      expect(await sight.machineWith(second)).toBe(machine)

      const { instancename } = started
      const reinstalled = await site.controller.call('POST', `instances/${instancename}/reinstall`, {
        erase: 'quick',
      })
      expect(reinstalled.status).toBe(202)
      const state = async () => (await site.controller.call('GET', `instances/${instancename}`)).body.state
      await expect.poll(state, WAIT).toBe('running')
      await expect.poll(held, WAIT).toEqual([
        [{ address: first.ip6address, router: 'router-mall' }],
        // what is advertised there as well would be a second default route
        [{ address: second.ip6address, router: null }],
      ])
      expect(await sight.runs(started)).toBe(machine)
      for (const nic of started.nic) expect(await sight.machineWith(nic)).toBe(machine)

      // and the second one is taken away again
      const freed = sight.vlanOf(second)
      await ask('stopVirtualMachine', { id: vm.id })
      await ask('removeNicFromVirtualMachine', { virtualmachineid: vm.id, nicid: second.id })
      const last = (await ask('startVirtualMachine', { id: vm.id })).virtualmachine
      expect(last.nic).toMatchObject([{ ip6address: first.ip6address }])
      expect(await sight.runs(last)).toBe(machine)
      expect(ports(machine.name).flat()).not.toContain(freed)
      // the system keeps what it was installed with; its own route is the one of the network that it still has
      await expect.poll(() => held()[0], WAIT).toEqual([{ address: first.ip6address, router: 'router-mall' }])

      await ask('destroyVirtualMachine', { id: vm.id, expunge: 'true' })
      await expect.poll(() => left(machine), WAIT).toEqual(WIPED)
      for (const id of [web, db]) await ask('deleteNetwork', { id })
    },
    PATIENCE,
  )

  test(
    'its offering lays out its disks, and a layout that nothing can start from is told to who asks for it',
    async () => {
      const { url, key } = site.lab.facts().maas
      const maas = createMaas({ url, key })
      const networkofferingid = offering('DefaultIsolatedNetworkOfferingWithSourceNatService')
      const { network } = await ask('createNetwork', { name: 'disks', ...zone(), networkofferingid })
      const laidOut = async (name: string, layout: string) => {
        const { serviceoffering } = await ask('createServiceOffering', {
          ...{ name: layout, displaytext: layout, cpunumber: '16', cpuspeed: '2000', memory: '65536' },
          ...{ 'externaldetails[0].erase': 'quick', 'externaldetails[1].disk_layout': layout },
        })
        return deploy(name, network.id, serviceoffering.id)
      }
      await expect(laidOut('none', 'blank')).rejects.toThrow(
        /disk layout blank leaves the disks without a root file system.*Use one of flat, lvm, bcache/,
      )
      const { id = '' } = cloud().state.vms.find((one) => one.name === 'none') ?? {}
      await ask('destroyVirtualMachine', { id, expunge: 'true' })
      const vm = await laidOut('volumes', 'lvm,root_size=100G')
      const machine = await sight.runs(vm)
      const systemId = site.lab.maasStatus(machine)?.systemId ?? ''
      expect((await maas.machine(systemId)).diskLayout).toMatchObject({ name: 'lvm', disk: 'sda' })

      await ask('destroyVirtualMachine', { id: vm.id, expunge: 'true' })
      await expect.poll(() => left(machine), WAIT).toEqual(WIPED)
      await expect
        .poll(async () => (await maas.machine(systemId)).diskLayout, WAIT)
        .toMatchObject({ name: 'flat', disk: 'sda' })
      await ask('deleteNetwork', { id: network.id })
    },
    PATIENCE,
  )
})
