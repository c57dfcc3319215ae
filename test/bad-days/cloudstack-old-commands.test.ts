import { mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rackFile } from '../../lab/rack-file.ts'
import { PXE_VLAN } from '../../lab/site.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'

const PATIENCE = 150_000
const MACHINE = 'r1-h2'

/** An operator who knows CloudStack's old bare-metal commands: they become Ferrule's racks and hosts. */
describe('addBaremetalRct and addBaremetalHost', () => {
  let site: CloudSite
  let files: Server
  let served = ''

  beforeAll(async () => {
    const folder = testFolder('old-commands')
    files = createServer((_, response) => response.end(served))
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
    const passwords = join(folder, 'bmc')
    await mkdir(passwords)
    site = await CloudSite.open(folder, {
      looks: '100s',
      cloudstackSettings: `hosts: { act: enlist, bmcNetworks: [127.0.0.0/8], passwords: ${passwords}, oldUsername: admin }, racks: { act: apply, urls: ["${origin()}/racks/"] }`,
    })
    const { bmc } = site.lab.world.machine(MACHINE)
    await writeFile(join(passwords, bmc.address), bmc.password, { mode: 0o600 })
  }, PATIENCE)
  afterAll(async () => {
    await site?.close()
    files?.close()
  })

  const origin = () => `http://127.0.0.1:${(files.address() as AddressInfo).port}`
  const told = async () =>
    (await site.attention()).map(({ message }: { message: string }) => message) as string[]
  const racks = async () =>
    (await site.get('racks')).items.map(({ name }: { name: string }) => name) as string[]

  test(
    'a rack file with faults, or from elsewhere, is told with what to do; nothing is applied',
    async () => {
      served = '{"racks":[{"l2Switch":{"ip":"127.40.10.1"},"hosts":[]}]}'
      const elsewhere = await site.ask('addBaremetalRct', { baremetalrcturl: `${origin()}/others/rack.json` })
      await expect.poll(told, WAIT).toEqual([expect.stringMatching(/from where none is taken/)])
      await site.ask('deleteBaremetalRct', { id: elsewhere.baremetalrct.id })
      const faulty = await site.ask('addBaremetalRct', { baremetalrcturl: `${origin()}/racks/rack.json` })
      await expect
        .poll(told, WAIT)
        .toEqual([
          expect.stringMatching(/^CloudStack's rack configuration is not applied here: .*(username|line)/),
        ])
      expect(await racks()).toEqual([])
      await site.ask('deleteBaremetalRct', { id: faulty.baremetalrct.id })
      await expect.poll(told, WAIT).toEqual([])
    },
    PATIENCE,
  )

  test(
    'a rack configuration is applied; a host is enlisted, with its ports, and joins the pool',
    async () => {
      served = JSON.stringify(rackFile(site.lab.plan))
      await site.ask('addBaremetalRct', { baremetalrcturl: `${origin()}/racks/rack.json` })
      await expect.poll(racks, WAIT).toEqual(['cloudstack'])
      await expect.poll(told, WAIT).toEqual([])

      const { bmc, nics, cpuCount, memoryMiB } = site.lab.world.machine(MACHINE)
      const zone = site.cloud.state.zone.id
      const pod = site.cloud.state.pod.id
      const { cluster } = await site.ask('addCluster', {
        ...{ zoneid: zone, podid: pod, clustername: 'old', clustertype: 'CloudManaged' },
        hypervisor: 'BareMetal',
      })
      await site.ask('addBaremetalHost', {
        ...{ zoneid: zone, podid: pod, clusterid: cluster[0].id, hypervisor: 'BareMetal' },
        ...{ url: `http://${bmc.address}`, username: bmc.username, password: bmc.password },
        ...{ cpunumber: String(cpuCount), cpuspeed: '2400', memory: String(memoryMiB) },
        ...{ hostmac: nics[0]?.mac ?? '', hosttags: 'old' },
      })
      await expect
        .poll(async () => (await site.get('hosts')).items, WAIT)
        .toMatchObject([
          {
            name: `bmc-${bmc.address.replaceAll('.', '-')}`,
            state: 'available',
            dirty: false,
            cpuCount,
            memoryMib: memoryMiB,
            tags: ['old'],
          },
        ])
      expect(site.production.portsOf(MACHINE)).toEqual([{ enabled: true, untagged: PXE_VLAN, tagged: [] }])
      expect(site.lab.maasStatus(site.lab.world.machine(MACHINE))?.status).toBe('Ready')
    },
    PATIENCE,
  )

  test(
    'a changed file is applied again; gone in CloudStack, it is told and stays, with its host',
    async () => {
      const file = rackFile(site.lab.plan)
      const [first] = file.racks
      first?.hosts.splice(0, 1)
      served = JSON.stringify(file)
      const ports = async () =>
        (await site.get('racks/cloudstack')).switches.flatMap(({ ports }: { ports: unknown[] }) => ports)
          .length
      const before = await ports()
      await expect.poll(ports, WAIT).toBe(before - 1)
      const { baremetalrct } = await site.ask('listBaremetalRct')
      await site.ask('deleteBaremetalRct', { id: baremetalrct[0].id })
      await expect.poll(told, WAIT).toEqual([expect.stringMatching(/cloudstack is still applied here/)])
      expect(await racks()).toEqual(['cloudstack'])
      expect((await site.get('hosts')).items).toHaveLength(1)
    },
    PATIENCE,
  )
})
