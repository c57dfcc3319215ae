import { createHmac } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PXE_VLAN } from '../../lab/site.ts'
import { createCloudstackClient } from '../../src/cloudstack/client/client.ts'
import { install } from '../../src/cloudstack/install/install.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { askCloud, beginInCloud } from '../support/cloud.ts'
import { Production, WEBHOOK_SECRET } from '../support/production.ts'
import { waitUntil } from '../support/wait.ts'

const HOSTS = ['r2-h1', 'r2-h3']
const WAIT = { timeout: 100_000, interval: 200 }
/** A deployment, twice a start and a wipe, on a machine that is busy otherwise. */
const PATIENCE = 150_000

/** The daemon as a process, the lab's CloudStack furnished by the installer, and what goes wrong between them. */
describe('bad days between CloudStack and Ferrule', () => {
  let folder: string
  let site: Production

  beforeAll(async () => {
    folder = testFolder('cloud-chaos')
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
  const machines = () => HOSTS.map((name) => site.lab.world.machine(name))
  const ports = (name: string) => site.portsOf(name).map(({ untagged, tagged }) => [untagged, ...tagged])
  const vmOf = (id: string) => cloud().state.vms.find((vm) => vm.id === id)
  const vlanOf = (name: string) => cloud().state.networks.find((one) => one.name === name)?.vlan ?? null
  /** Ferrule's records of the living instances. */
  const instances = async () => (await site.controller.call('GET', 'instances')).body.items
  const hosts = async () => (await site.controller.call('GET', 'hosts')).body.items
  const attention = async () => (await site.controller.call('GET', 'overview')).body.attention

  async function network(name: string): Promise<string> {
    const { id = '' } = cloud().state.networkOfferings[0] ?? {}
    const params = { name, zoneid: cloud().state.zone.id, networkofferingid: id }
    return (await ask('createNetwork', params)).network.id
  }
  const deployment = (name: string, networkids: string) => ({
    ...{ name, networkids, zoneid: cloud().state.zone.id },
    ...{ templateid: cloud().state.templates[0]?.id ?? '' },
    ...{ serviceofferingid: cloud().state.serviceOfferings[0]?.id ?? '' },
  })

  /** The one machine that runs with this VLAN on every port, and no other has it. */
  async function carrier(vlan: number | null): Promise<string> {
    await waitUntil(`a machine runs in VLAN ${vlan}`, () =>
      machines().some(
        (one) =>
          ports(one.name).every((vlans) => vlans.includes(vlan ?? 0)) && one.running().kind === 'system',
      ),
    )
    const having = HOSTS.filter((name) => ports(name).some((vlans) => vlans.includes(vlan ?? 0)))
    expect(having).toHaveLength(1)
    return having[0] ?? ''
  }

  /** Nothing leaks: every server off, wiped, in the PXE VLAN, Ready in MAAS, and free in our records. */
  async function allFree(): Promise<void> {
    await expect
      .poll(
        async () =>
          machines().map((machine) => ({
            power: machine.power(),
            ports: ports(machine.name),
            system: machine.installedFiles(),
            maas: site.lab.maasStatus(machine)?.status,
          })),
        WAIT,
      )
      .toEqual(
        machines().map(({ nics }) => ({
          ...{ power: 'off', ports: nics.map(() => [PXE_VLAN]), system: null, maas: 'Ready' },
        })),
      )
    await expect
      .poll(async () => (await hosts()).map(({ state }: { state: string }) => state), WAIT)
      .toEqual(['available', 'available'])
    await expect.poll(instances, WAIT).toEqual([])
  }

  test(
    'the management server dies in a deployment, and its extension process too: both agree in the end',
    async () => {
      const { id } = await beginInCloud(
        cloud(),
        'deployVirtualMachine',
        deployment('web1', await network('blue')),
      )
      await waitUntil('a machine is being installed', () => machines().some((one) => one.power() === 'on'))
      await cloud().restart()
      // CloudStack has forgotten its job. Ferrule goes on, and its answer to the ping ends CloudStack's waiting
      await expect.poll(() => vmOf(id)?.state, WAIT).toBe('Running')
      const host = await carrier(vlanOf('blue'))
      // the same VM again, from a call that CloudStack repeats, and one whose process is killed: nothing happens twice
      const before = site.lab.world.diary.filter(
        (line) => line.machine === host && line.kind === 'power',
      ).length
      const stop = ask('stopVirtualMachine', { id }).catch(() => null)
      await waitUntil('the extension is asked', () => cloud().killExtensions() > 0)
      await stop
      await ask('stopVirtualMachine', { id, forced: 'true' }).catch(() => null)
      await expect.poll(async () => (await instances())[0]?.state, WAIT).toBe('stopped')
      expect(ports(host)).toEqual(machines()[HOSTS.indexOf(host)]?.nics.map(() => [PXE_VLAN]))
      const offs = site.lab.world.diary.filter(
        (line) => line.machine === host && line.kind === 'power',
      ).length
      expect(offs - before).toBe(1)
      await expect.poll(() => vmOf(id)?.state, WAIT).toBe('Stopped')
      await ask('destroyVirtualMachine', { id, expunge: 'true' })
      await allFree()
    },
    PATIENCE,
  )

  test(
    'the daemon dies in a deployment: what CloudStack gave up is undone, and its record ends with the VM',
    async () => {
      const network1 = await network('blue1')
      const { id } = await beginInCloud(cloud(), 'deployVirtualMachine', deployment('web2', network1))
      await waitUntil('a machine is being installed', () => machines().some((one) => one.power() === 'on'))
      await site.controller.kill()
      // eleven tries within seconds, none of which is heard
      await expect.poll(() => vmOf(id)?.state, WAIT).toBe('Error')
      await site.start()
      await ask('destroyVirtualMachine', { id, expunge: 'true' })
      expect(vmOf(id)).toBeUndefined()
      await allFree()
      expect(await attention()).toEqual([])
    },
    PATIENCE,
  )

  test(
    'another tenant gets the VLAN of a stopped VM: never both on one',
    async () => {
      const blue = await network('blue2')
      const { id } = (await ask('deployVirtualMachine', deployment('web3', blue))).virtualmachine
      const vlan = vlanOf('blue2')
      const host = await carrier(vlan)
      await ask('stopVirtualMachine', { id })
      await waitUntil('the network has lost its VLAN', () => vlanOf('blue2') === null)
      const green = (await ask('deployVirtualMachine', deployment('web4', await network('green'))))
        .virtualmachine
      expect(vlanOf('green')).toBe(vlan)
      expect(await carrier(vlan)).not.toBe(host)
      await ask('startVirtualMachine', { id })
      expect(vlanOf('blue2')).not.toBe(vlan)
      expect(await carrier(vlanOf('blue2'))).toBe(host)
      expect(await carrier(vlan)).not.toBe(host)
      await Promise.all(
        [id, green.id].map((one) => ask('destroyVirtualMachine', { id: one, expunge: 'true' })),
      )
      await allFree()
    },
    PATIENCE,
  )

  test(
    'a VM that is gone without a delete is told, and its server kept, until a person says otherwise',
    async () => {
      const { virtualmachine } = await ask('deployVirtualMachine', deployment('web5', await network('red')))
      const host = await carrier(vlanOf('red'))
      const { name } = (await instances())[0]
      expect(await attention()).toEqual([])
      const lost = vmOf(virtualmachine.id)
      cloud().state.vms = cloud().state.vms.filter((vm) => vm !== lost)
      await expect.poll(attention, WAIT).toMatchObject([
        {
          object: { kind: 'instance', name },
          message: `CloudStack has no VM ${name} any more, and never asked for its end; its server is kept (running)`,
          action: expect.stringContaining(`ferrule instance destroy ${name}`),
        },
      ])
      const why = (await site.controller.call('GET', `why/instance/${name}`)).body
      expect(why).toMatchObject({ well: false, blocks: expect.stringContaining('CloudStack has no VM') })
      expect([
        site.lab.world.machine(host).power(),
        machines()[HOSTS.indexOf(host)]?.disks[0]?.isBlank(),
      ]).toEqual(['on', false])
      // it comes back: as if nothing had been
      if (lost) cloud().state.vms.push(lost)
      await expect.poll(attention, WAIT).toEqual([])
      cloud().state.vms = cloud().state.vms.filter((vm) => vm !== lost)
      await expect.poll(async () => (await attention()).length, WAIT).toBe(1)
      await site.begin(`instances/${name}`, undefined, 'DELETE')
      await allFree()
      expect(await attention()).toEqual([])
    },
    PATIENCE,
  )

  test('a webhook is taken with the right signature only', async () => {
    const payloadurl = `${site.controller.url}/cloudstack/webhook`
    const { webhook } = await ask('createWebhook', { name: 'ferrule', payloadurl, secretkey: WEBHOOK_SECRET })
    await network('pink')
    await expect
      .poll(
        async () =>
          (await ask('listWebhookDeliveries', { webhookid: webhook.id })).webhookdelivery?.[0]?.success,
        WAIT,
      )
      .toBe(true)
    await ask('deleteWebhook', { id: webhook.id })
    const body = '{"event":"VM.EXPUNGE"}'
    const post = (secret: string | null) =>
      fetch(payloadurl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(secret === null
            ? {}
            : { 'x-cs-signature': createHmac('sha256', secret).update(body).digest('base64') }),
        },
        body,
      }).then(({ status }) => status)
    expect([await post(null), await post('guessed'), await post(WEBHOOK_SECRET)]).toEqual([401, 401, 200])
  })
})
