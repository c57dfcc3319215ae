import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PXE_VLAN } from '../../lab/site.ts'
import { createCloudstackClient } from '../../src/cloudstack/client/client.ts'
import { install } from '../../src/cloudstack/install/install.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { askCloud } from '../support/cloud.ts'
import { Production } from '../support/production.ts'

const HOSTS = ['r2-h1', 'r2-h3']
const WAIT = { timeout: 100_000, interval: 200 }
const PATIENCE = 150_000

/** The lab's CloudStack, its hosts and the MACs of its VMs, with the daemon as a process. */
describe("CloudStack's hosts, and whose MAC a VM has", () => {
  let folder: string
  let site: Production

  beforeAll(async () => {
    folder = testFolder('cloud-hosts')
    site = await Production.open(folder, { cloudstack: true, looks: '100s' })
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
  const ports = (name: string) => site.portsOf(name).map(({ untagged, tagged }) => [untagged, ...tagged])
  const hosts = async () => (await site.controller.call('GET', 'hosts')).body.items

  async function network(name: string): Promise<string> {
    const { id = '' } = cloud().state.networkOfferings[0] ?? {}
    const params = { name, zoneid: cloud().state.zone.id, networkofferingid: id }
    return (await ask('createNetwork', params)).network.id
  }
  const deployment = (name: string, networkids: string, more: Record<string, string> = {}) => ({
    ...{ name, networkids, zoneid: cloud().state.zone.id },
    ...{ templateid: cloud().state.templates[0]?.id ?? '' },
    ...{ serviceofferingid: cloud().state.serviceOfferings[0]?.id ?? '' },
    ...more,
  })
  const free = (name: string) =>
    expect
      .poll(async () => {
        const machine = site.lab.world.machine(name)
        return {
          state: (await hosts()).find((one: { name: string }) => one.name === name)?.state,
          ...{ power: machine.power(), ports: ports(name), maas: site.lab.maasStatus(machine)?.status },
        }
      }, WAIT)
      .toEqual({
        ...{ state: 'available', power: 'off', maas: 'Ready' },
        ports: site.lab.world.machine(name).nics.map(() => [PXE_VLAN]),
      })

  test(
    "MAC policy host: CloudStack, its router and the system have the host's own MAC, in every life of the VM",
    async () => {
      const policy = { 'externaldetails[0].mac_policy': 'host' }
      const { virtualmachine } = await ask(
        'deployVirtualMachine',
        deployment('own1', await network('own'), policy),
      )
      const [nic] = virtualmachine.nic
      const machine = HOSTS.map((name) => site.lab.world.machine(name)).find(
        (one) => one.nics[0]?.mac === nic.macaddress,
      )
      if (!machine) throw new Error(`no machine has the MAC ${nic.macaddress} that CloudStack knows`)
      expect(virtualmachine.details['External:ferrule_host']).toBe(machine.name)
      const vlan = Number(nic.broadcasturi.replace('vlan://', ''))
      const seen = () => ({
        ...{ power: machine.power(), ports: ports(machine.name) },
        system: machine
          .interfaces()
          .map(({ name, mac, vlan, lease }) => ({ name, mac, vlan, ip: lease?.ip })),
        router: site.lab.routers
          .leases()
          .filter((one) => one.vlan === vlan)
          .map(({ mac, ip }) => ({ mac, ip })),
      })
      const running = {
        ...{ power: 'on', ports: machine.nics.map(() => [vlan]) },
        system: [{ name: 'bond0', mac: nic.macaddress, vlan, ip: nic.ipaddress }],
        router: [{ mac: nic.macaddress, ip: nic.ipaddress }],
      }
      await expect.poll(seen, WAIT).toEqual(running)
      expect(machine.nics.length).toBeGreaterThan(1)

      // a second VM gets the MAC of the other machine
      const other = (await ask('deployVirtualMachine', deployment('own2', await network('own2'), policy)))
        .virtualmachine
      expect(other.nic[0].macaddress).not.toBe(nic.macaddress)
      expect(HOSTS.map((name) => site.lab.world.machine(name).nics[0]?.mac)).toContain(
        other.nic[0].macaddress,
      )
      await ask('destroyVirtualMachine', { id: other.id, expunge: 'true' })

      await ask('stopVirtualMachine', { id: virtualmachine.id })
      await ask('startVirtualMachine', { id: virtualmachine.id })
      const again = cloud().state.networks.find(({ name }) => name === 'own')?.vlan
      if (again === vlan) await expect.poll(seen, WAIT).toEqual(running)
      else expect(ports(machine.name)).toEqual(machine.nics.map(() => [again]))
      await ask('destroyVirtualMachine', { id: virtualmachine.id, expunge: 'true' })
      for (const name of HOSTS) await free(name)
    },
    PATIENCE,
  )

  test(
    'MAC policy host: after a failure no other machine takes over a MAC that is not its own',
    async () => {
      const systems = () => HOSTS.filter((name) => site.lab.world.machine(name).installedFiles() !== null)
      await site.lab.faults.get('maas')?.set({ deployFails: ['*'] })
      const before = site.lab.world.diary.length
      const params = deployment('own3', await network('own3'), { 'externaldetails[0].mac_policy': 'host' })
      await expect(ask('deployVirtualMachine', params)).rejects.toThrow(
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
    },
    PATIENCE,
  )
})
