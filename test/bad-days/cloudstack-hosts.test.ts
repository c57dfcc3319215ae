import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PXE_VLAN } from '../../lab/site.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'

const HOSTS = ['r2-h1', 'r2-h3']
const PATIENCE = 150_000

/** The lab's CloudStack, its hosts and the MACs of its VMs, with the daemon as a process. */
describe("CloudStack's hosts, and whose MAC a VM has", () => {
  let site: CloudSite
  beforeAll(async () => {
    const folder = testFolder('cloud-hosts')
    const passwords = join(folder, 'bmc')
    await mkdir(passwords)
    const hosts = `hosts: { act: enlist, bmcNetworks: [127.0.0.0/8], passwords: ${passwords} }`
    site = await CloudSite.open(folder, { looks: '100s', cloudstackSettings: hosts })
    for (const name of ['r1-h1', 'r2-h3'])
      await writeFile(join(passwords, name), site.lab.world.machine(name).bmc.password, { mode: 0o600 })
    await site.furnish(HOSTS)
  }, PATIENCE)
  afterAll(() => site?.close())

  const hosts = async () => (await site.get('hosts')).items

  const free = (name: string) =>
    expect
      .poll(async () => {
        const machine = site.lab.world.machine(name)
        return {
          state: (await hosts()).find((one: { name: string }) => one.name === name)?.state,
          ...{
            power: machine.power(),
            ports: site.vlansOf(name),
            maas: site.lab.maasStatus(machine)?.status,
          },
        }
      }, WAIT)
      .toEqual({
        ...{ state: 'available', power: 'off', maas: 'Ready' },
        ports: site.lab.world.machine(name).nics.map(() => [PXE_VLAN]),
      })

  test(
    'MAC policy host: after a failure no other machine takes over a MAC that is not its own',
    async () => {
      const systems = () => HOSTS.filter((name) => site.lab.world.machine(name).installedFiles() !== null)
      await site.lab.faults.get('maas')?.set({ deployFails: ['*'] })
      const before = site.lab.world.diary.length
      const own = { 'externaldetails[0].mac_policy': 'host' }
      await expect(site.deploy('own3', await site.network('own3'), own)).rejects.toThrow(
        /No other host can take it over, because the default NIC has r2-h[13]'s own MAC .*\[operation \d+\]/,
      )
      const installed = site.lab.world.diary
        .slice(before)
        .filter((line) => line.detail.startsWith('MAAS environment for deploy'))
        .map((line) => line.machine)
      expect(installed).toHaveLength(1)
      await site.lab.faults.get('maas')?.reset()
      for (const name of HOSTS) await free(name)
      expect(systems()).toEqual([])
      const { id = '' } = site.cloud.state.vms.find(({ name }) => name === 'own3') ?? {}
      await site.expunge({ id })
      // its record ends with it
      await expect.poll(told, WAIT).toEqual([])
    },
    PATIENCE,
  )

  /** A host of CloudStack that stands for this machine. */
  async function hostInCloud(name: string, more: Record<string, string> = {}): Promise<string> {
    const { bmc, nics, cpuCount, memoryMiB } = site.lab.world.machine(name)
    const details: Record<string, string> = {
      ...{ mac: nics[0]?.mac ?? '', bmc_address: `${bmc.address}:${bmc.port}`, bmc_username: bmc.username },
      ...{ bmc_password: name, cpu: String(cpuCount), memory: String(memoryMiB), ...more },
    }
    const { clusterId = '' } = site.cloud.state.hosts.find((one) => one.name === 'ferrule') ?? {}
    const { host } = await site.ask('addHost', {
      ...{ zoneid: site.cloud.state.zone.id, podid: site.cloud.state.pod.id, clusterid: clusterId },
      ...{ hypervisor: 'External', url: `http://${name}`, hosttags: `only-${name}` },
      ...Object.fromEntries(
        Object.entries(details).map(([key, value]) => [`externaldetails[0].${key}`, value]),
      ),
    })
    return host[0].id
  }
  const deleteInCloud = (id: string) => site.ask('deleteHost', { id, forced: 'true' })
  const stateOf = async (name: string) =>
    (await hosts()).find((one: { name: string }) => one.name === name)?.state ?? null
  const told = async () =>
    (await site.get('overview')).attention.map(
      ({ object, message }: { object: { name: string }; message: string }) => `${object.name}: ${message}`,
    )

  test(
    'details that could be used to read this machine, or that fit nothing: told, and nothing is done',
    async () => {
      const bad = await hostInCloud('r1-h1', { bmc_password: '../maas.key' })
      await expect
        .poll(told, WAIT)
        .toEqual([
          expect.stringMatching(/^r1-h1: .*could not be enlisted: detail bmc_password .* is no plain name/),
        ])
      expect((await told()).join()).not.toContain('maas.key')
      await deleteInCloud(bad)
      const { bmc } = site.lab.world.machine('r1-h1')
      const elsewhere = await hostInCloud('r1-h1', { bmc_address: '203.0.113.9' })
      await expect
        .poll(told, WAIT)
        .toEqual([expect.stringMatching(/^r1-h1: .*could not be enlisted: detail bmc_address .*bmcNetworks/)])
      expect((await told()).join()).not.toMatch(`203.0.113.9|${bmc.password}`)
      await deleteInCloud(elsewhere)
      const twin = await hostInCloud('r1-h1', { mac: site.lab.world.machine('r2-h1').nics[0]?.mac ?? '' })
      const first = await hostInCloud('r2-h1')
      await expect
        .poll(told, WAIT)
        .toContainEqual(expect.stringMatching(/two hosts with the same MAC or BMC/))
      for (const id of [twin, first]) await deleteInCloud(id)
      await expect.poll(told, WAIT).toEqual([])
      // no machine was made in MAAS, which does not know this rack
      expect([await stateOf('r1-h1'), site.lab.maasStatus(site.lab.world.machine('r1-h1'))]).toEqual([
        null,
        null,
      ])
    },
    PATIENCE,
  )

  test(
    'one host of CloudStack for one machine: enlisted or adopted, gets its own VM, leaves the pool and comes back',
    async () => {
      // what was removed here and is still in MAAS is picked up there
      const kept = site.lab.maasStatus(site.lab.world.machine('r2-h3'))?.systemId
      expect((await site.controller.call('DELETE', 'hosts/r2-h3')).status).toBe(204)
      const ids = [await hostInCloud('r1-h1'), await hostInCloud('r2-h3')]
      for (const name of ['r1-h1', 'r2-h3']) await free(name)
      expect(site.lab.maasStatus(site.lab.world.machine('r2-h3'))?.systemId).toBe(kept)

      // the planner would take r2-h1 first: CloudStack's choice counts
      const { serviceoffering } = await site.ask('createServiceOffering', {
        ...{ name: 'only-r2-h3', displaytext: 'x', cpunumber: '16', cpuspeed: '2000', memory: '65536' },
        ...{ hosttags: 'only-r2-h3', 'externaldetails[0].erase': 'quick' },
      })
      const more = { serviceofferingid: serviceoffering.id, 'externaldetails[0].mac_policy': 'host' }
      const virtualmachine = await site.deploy('one1', await site.network('one'), more)
      const machine = site.lab.world.machine('r2-h3')
      // MAC policy host: CloudStack shows the machine's own MAC, its router answers it, and the system asks with it
      const [nic] = virtualmachine.nic
      expect([nic.macaddress, machine.nics.length]).toEqual([machine.nics[0]?.mac, 2])
      const vlan = Number(nic.broadcasturi.replace('vlan://', ''))
      await expect
        .poll(
          () => ({
            ...{ power: machine.power(), ports: site.vlansOf('r2-h3') },
            system: machine.interfaces().map((one) => ({ ...one, lease: one.lease?.ip })),
            router: site.lab.routers.leases().filter((one) => one.vlan === vlan),
          }),
          WAIT,
        )
        .toMatchObject({
          ...{ power: 'on', ports: [[vlan], [vlan]] },
          system: [{ name: 'bond0', mac: nic.macaddress, vlan, lease: nic.ipaddress }],
          router: [{ mac: nic.macaddress, ip: nic.ipaddress }],
        })
      // a VM of the pool gets no machine that is a host of its own, though r1-h1 is free
      const pool = site.cloud.state.hosts.find((one) => one.name === 'ferrule')
      if (!pool) throw new Error('there is no pool')
      pool.tags = ['pool']
      const { serviceoffering: pooled } = await site.ask('createServiceOffering', {
        ...{ name: 'pooled', displaytext: 'x', cpunumber: '16', cpuspeed: '2000', memory: '65536' },
        ...{ hosttags: 'pool', 'externaldetails[0].host_tags': 'nobody' },
      })
      const third = { serviceofferingid: pooled.id }
      await expect(site.deploy('three', await site.network('three'), third)).rejects.toThrow(
        /r1-h1: is host r1-h1 of its own in CloudStack, so that no VM of a pool gets it/,
      )
      // a second one for the same machine is refused before anything happens, with what its prepare said
      const second = site.deploy('one2', await site.network('two'), more)
      await expect(second).rejects.toThrow(/r2-h1: CloudStack chose its host for r2-h3.*\[call [\w-]+\]/)
      expect(['r2-h1', 'r1-h1'].map((name) => site.lab.world.machine(name).power())).toEqual(['off', 'off'])
      // with the same MAC it starts again, in whatever VLAN its network has then
      await site.stop(virtualmachine)
      await site.start(virtualmachine)
      await expect
        .poll(() => machine.interfaces().map(({ mac, lease }) => [mac, lease?.ip]), WAIT)
        .toEqual([[nic.macaddress, nic.ipaddress]])

      // whose it is, only CloudStack's records say
      const instances = async () => (await site.get('instances')).items
      await expect
        .poll(async () => (await instances()).map(({ tenant }: { tenant: string }) => tenant), WAIT)
        .toEqual(['ROOT/admin'])

      // a VM that CloudStack believes to run there, and that nobody here has heard of
      const own = site.cloud.state.vms.find(({ id }) => id === virtualmachine.id)
      if (!own) throw new Error('the VM is gone')
      const ghost = {
        ...own,
        id: '00000000-0000-4000-8000-000000000001',
        name: 'ghost',
        instanceName: 'i-2-99-VM',
      }
      site.cloud.state.vms.push(ghost)
      await expect
        .poll(told, WAIT)
        .toContainEqual('i-2-99-VM: CloudStack says that i-2-99-VM runs, but Ferrule has no server for it')
      site.cloud.state.vms = site.cloud.state.vms.filter((vm) => vm !== ghost)

      // gone in CloudStack: the one with a VM stays as it is, the free one leaves the pool, and both stay in MAAS
      for (const id of ids) await deleteInCloud(id)
      await expect
        .poll(told, WAIT)
        .toEqual(
          expect.arrayContaining([expect.stringMatching(/r2-h3: .*carries an instance: it stays as it is/)]),
        )
      await expect.poll(() => stateOf('r1-h1'), WAIT).toBe('out-of-pool')
      expect([await stateOf('r2-h3'), machine.power(), machine.running().kind]).toEqual([
        'in-use',
        'on',
        'system',
      ])
      expect(
        ['r1-h1', 'r2-h3'].map((name) => site.lab.maasStatus(site.lab.world.machine(name))?.status),
      ).toEqual(['Ready', 'Deployed'])
      const why = await site.get('why/host/r1-h1')
      expect(why).toMatchObject({
        well: false,
        blocks: expect.stringContaining('CloudStack has no host r1-h1 any more'),
      })

      // it is there again, under another id
      await hostInCloud('r1-h1')
      await free('r1-h1')
      await site.expunge(virtualmachine)
      await expect.poll(() => stateOf('r2-h3'), WAIT).toBe('out-of-pool')
    },
    PATIENCE,
  )
})
