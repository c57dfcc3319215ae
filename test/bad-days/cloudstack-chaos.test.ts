import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PXE_VLAN } from '../../lab/site.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { beginInCloud } from '../support/cloud.ts'
import { CloudSite, WAIT } from '../support/cloud-site.ts'
import { WEBHOOK_SECRET } from '../support/production.ts'
import { waitUntil } from '../support/wait.ts'

const HOSTS = ['r2-h1', 'r2-h3']
/** A deployment, twice a start and a wipe, on a machine that is busy otherwise. */
const PATIENCE = 150_000

/** The daemon as a process, the lab's CloudStack furnished by the installer, and what goes wrong between them. */
describe('bad days between CloudStack and Ferrule', () => {
  let site: CloudSite
  beforeAll(async () => {
    site = await CloudSite.open(testFolder('cloud-chaos'), { looks: '100s' })
    await site.furnish(HOSTS)
  }, PATIENCE)
  afterAll(() => site?.close())

  const machines = () => HOSTS.map((name) => site.lab.world.machine(name))
  const vmOf = (id: string) => site.cloud.state.vms.find((vm) => vm.id === id)
  const vlanOf = (name: string) => site.cloud.state.networks.find((one) => one.name === name)?.vlan ?? null
  /** Ferrule's records of the living instances. */
  const instances = async () => (await site.get('instances')).items
  const hosts = async () => (await site.get('hosts')).items

  /** The one machine that runs with this VLAN on every port, and no other has it. */
  async function carrier(vlan: number | null): Promise<string> {
    await waitUntil(`a machine runs in VLAN ${vlan}`, () =>
      machines().some(
        (one) =>
          site.vlansOf(one.name).every((vlans) => vlans.includes(vlan ?? 0)) &&
          one.running().kind === 'system',
      ),
    )
    const having = HOSTS.filter((name) => site.vlansOf(name).some((vlans) => vlans.includes(vlan ?? 0)))
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
            ports: site.vlansOf(machine.name),
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
        site.cloud,
        'deployVirtualMachine',
        site.deployment('web1', await site.network('blue')),
      )
      await waitUntil('a machine is being installed', () => machines().some((one) => one.power() === 'on'))
      await site.cloud.restart()
      // CloudStack has forgotten its job. Ferrule goes on, and its answer to the ping ends CloudStack's waiting
      await expect.poll(() => vmOf(id)?.state, WAIT).toBe('Running')
      const host = await carrier(vlanOf('blue'))
      // the same VM again, from a call that CloudStack repeats, and one whose process is killed: nothing happens twice
      const before = site.lab.world.diary.filter(
        (line) => line.machine === host && line.kind === 'power',
      ).length
      const stop = site.ask('stopVirtualMachine', { id }).catch(() => null)
      await waitUntil('the extension is asked', () => site.cloud.killExtensions() > 0)
      await stop
      await site.ask('stopVirtualMachine', { id, forced: 'true' }).catch(() => null)
      await expect.poll(async () => (await instances())[0]?.state, WAIT).toBe('stopped')
      expect(site.vlansOf(host)).toEqual(machines()[HOSTS.indexOf(host)]?.nics.map(() => [PXE_VLAN]))
      const offs = site.lab.world.diary.filter(
        (line) => line.machine === host && line.kind === 'power',
      ).length
      expect(offs - before).toBe(1)
      await expect.poll(() => vmOf(id)?.state, WAIT).toBe('Stopped')
      await site.expunge({ id })
      await allFree()
    },
    PATIENCE,
  )

  test(
    'the daemon dies in a deployment: what CloudStack gave up is undone, and its record ends with the VM',
    async () => {
      const network1 = await site.network('blue1')
      const { id } = await beginInCloud(site.cloud, 'deployVirtualMachine', site.deployment('web2', network1))
      await waitUntil('a machine is being installed', () => machines().some((one) => one.power() === 'on'))
      await site.controller.kill()
      // eleven tries within seconds, none of which is heard
      await expect.poll(() => vmOf(id)?.state, WAIT).toBe('Error')
      await site.production.start()
      await site.expunge({ id })
      expect(vmOf(id)).toBeUndefined()
      await allFree()
      expect(await site.attention()).toEqual([])
    },
    PATIENCE,
  )

  test(
    'another tenant gets the VLAN of a stopped VM: never both on one',
    async () => {
      const blue = await site.network('blue2')
      const { id } = await site.deploy('web3', blue)
      const vlan = vlanOf('blue2')
      const host = await carrier(vlan)
      await site.stop({ id })
      await waitUntil('the network has lost its VLAN', () => vlanOf('blue2') === null)
      const green = await site.deploy('web4', await site.network('green'))
      expect(vlanOf('green')).toBe(vlan)
      expect(await carrier(vlan)).not.toBe(host)
      await site.start({ id })
      expect(vlanOf('blue2')).not.toBe(vlan)
      expect(await carrier(vlanOf('blue2'))).toBe(host)
      expect(await carrier(vlan)).not.toBe(host)
      await Promise.all([id, green.id].map((one) => site.expunge({ id: one })))
      await allFree()
    },
    PATIENCE,
  )

  test(
    'a VM that is gone without a delete is told, and its server kept, until a person says otherwise',
    async () => {
      const virtualmachine = await site.deploy('web5', await site.network('red'))
      const host = await carrier(vlanOf('red'))
      const { name } = (await instances())[0]
      expect(await site.attention()).toEqual([])
      const lost = vmOf(virtualmachine.id)
      site.cloud.state.vms = site.cloud.state.vms.filter((vm) => vm !== lost)
      await expect
        .poll(() => site.attention(), WAIT)
        .toMatchObject([
          {
            object: { kind: 'instance', name },
            message: `CloudStack has no VM ${name} any more, and never asked for its end; its server is kept (running)`,
            action: expect.stringContaining(`ferrule instance destroy ${name}`),
          },
        ])
      const why = await site.get(`why/instance/${name}`)
      expect(why).toMatchObject({ well: false, blocks: expect.stringContaining('CloudStack has no VM') })
      expect([
        site.lab.world.machine(host).power(),
        machines()[HOSTS.indexOf(host)]?.disks[0]?.isBlank(),
      ]).toEqual(['on', false])
      // it comes back: as if nothing had been
      if (lost) site.cloud.state.vms.push(lost)
      await expect.poll(() => site.attention(), WAIT).toEqual([])
      site.cloud.state.vms = site.cloud.state.vms.filter((vm) => vm !== lost)
      await expect.poll(async () => (await site.attention()).length, WAIT).toBe(1)
      await site.production.begin(`instances/${name}`, undefined, 'DELETE')
      await allFree()
      expect(await site.attention()).toEqual([])
    },
    PATIENCE,
  )

  test('a webhook is taken with the right signature only', async () => {
    const payloadurl = `${site.controller.url}/cloudstack/webhook`
    const { webhook } = await site.ask('createWebhook', {
      name: 'ferrule',
      payloadurl,
      secretkey: WEBHOOK_SECRET,
    })
    await site.network('pink')
    await expect
      .poll(
        async () =>
          (await site.ask('listWebhookDeliveries', { webhookid: webhook.id })).webhookdelivery?.[0]?.success,
        WAIT,
      )
      .toBe(true)
    await site.ask('deleteWebhook', { id: webhook.id })
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
