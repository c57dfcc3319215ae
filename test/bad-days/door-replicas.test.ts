import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PXE_VLAN } from '../../lab/site.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { type Controller, startController } from '../support/controller.ts'
import { CloudVm, type Door, run } from '../support/door.ts'
import { Production } from '../support/production.ts'
import { waitUntil } from '../support/wait.ts'

const HOST = 'r2-h2'
/** A deployment, a takeover within a lease and a wipe, on a machine that is busy otherwise. */
const PATIENCE = 300_000
/** Seconds that CloudStack gives a call. */
const LONG = 240
const WAIT = { timeout: 100_000, interval: 100 }

/** Two management servers, each with a replica of the daemon beside it: CloudStack asks whichever it likes. */
describe('the CloudStack door of two replicas', () => {
  let folder: string
  let site: Production
  let second: Controller
  let first: Door
  let other: Door
  beforeAll(async () => {
    folder = testFolder('door-replicas')
    await mkdir(join(folder, 'payloads'))
    // a switch is the other's as soon as the first one is done with it, and not a minute later
    const settings = 'deadlines: { deviceTimeout: 2s, switchLease: 2s }'
    site = await Production.open(folder, { cloudstack: true, settings, lease: '15s' })
    await site.furnish([HOST])
    const config = readFileSync(site.config, 'utf8').replace(/^socket: .*$/m, `socket: ${folder}/second.sock`)
    await writeFile(join(folder, 'second.yaml'), config)
    second = await startController(join(folder, 'second.yaml'), site.dataDir)
    first = doorAt(site.controller.socket)
    other = doorAt(second.socket)
    expect(first.socket).not.toBe(other.socket)
  }, PATIENCE)
  afterAll(async () => {
    await second?.stop()
    await site?.close()
    await rm(folder, { recursive: true, force: true })
  })
  let calls = 0
  function doorAt(socket: string): Door {
    return {
      socket,
      async knock(action, payload, timeout = LONG, options = {}) {
        calls += 1
        const file = join(folder, 'payloads', `call-${calls}.json`)
        await writeFile(file, JSON.stringify(payload))
        return run([action, file, String(timeout)], socket, options.started)
      },
      close: async () => undefined,
    }
  }

  const machine = () => site.lab.world.machine(HOST)
  const ports = () => site.portsOf(HOST).map(({ untagged, tagged }) => [untagged, ...tagged])
  const resting = () => machine().nics.map(() => [PXE_VLAN])
  /** Of this kind, the newest first, as the second replica has them. */
  const operations = async (kind: string) =>
    (await second.call('GET', 'operations?limit=100')).body.items.filter(
      (one: { kind: string }) => one.kind === kind,
    )
  const installations = () =>
    site.lab.world.diary.filter(({ detail }) => detail.startsWith('MAAS environment for deploy')).length
  const underWay = (kind: string) =>
    expect
      .poll(
        async () => (await operations(kind)).some((one: { endedAt: string | null }) => !one.endedAt),
        WAIT,
      )
      .toBe(true)

  let number = 2
  /** One VM of CloudStack, as each of the two management servers has it. */
  function newVm(): { atFirst: CloudVm; atOther: CloudVm } {
    number += 1
    const nics = [{ mac: site.lab.routers.reserve(101, {}).mac, vlan: 101 }]
    const atFirst = new CloudVm(first, `i-2-${number}-VM`, nics)
    atFirst.template = { erase: 'quick' }
    const atOther = Object.assign(new CloudVm(other, atFirst.name, nics), {
      ...{ uuid: atFirst.uuid, template: atFirst.template },
    })
    return { atFirst, atOther }
  }

  const free = () =>
    expect
      .poll(
        async () => [
          ...[machine().power(), site.lab.maasStatus(machine())?.status, ports()],
          (await second.call('GET', `hosts/${HOST}`)).body.state,
        ],
        WAIT,
      )
      .toEqual(['off', 'Ready', resting(), 'available'])

  test(
    'a prepare is repeated, and a create whose process was killed is joined, at the other one; so is a stop',
    async () => {
      const { atFirst, atOther } = newVm()
      expect(await atFirst.exit('prepare', LONG)).toBe('0')
      expect(await atOther.exit('prepare', LONG)).toBe('0')
      expect(atOther.details).toEqual(atFirst.details)
      const before = (await operations('deploy')).length
      const killed = atFirst.call('create', LONG, (child) => {
        void underWay('deploy').then(() => process.kill(-(child.pid ?? 0), 'SIGKILL'))
      })
      expect((await killed).exit).toBeNull()
      expect(await atOther.exit('create', LONG)).toBe('0')
      expect([(await operations('deploy')).length, installations()]).toEqual([before + 1, 1])
      expect(ports()).toEqual([[101]])
      // the same once more, wherever it is asked: nothing is done
      for (const vm of [atFirst, atOther]) expect(await vm.exit('create', LONG)).toBe('0')
      const switched = site.lab.world.diary.filter(({ kind }) => kind === 'power').length
      for (const vm of [atFirst, atOther]) expect(await vm.exit('status', LONG)).toBe('PowerOn')
      expect(site.lab.world.diary.filter(({ kind }) => kind === 'power').length).toBe(switched)

      expect(await Promise.all([atFirst.exit('stop', LONG), atOther.exit('stop', LONG)])).toEqual(['0', '0'])
      expect([(await operations('stop')).length, machine().power(), ports()]).toEqual([1, 'off', resting()])
      for (const vm of [atFirst, atOther]) expect(await vm.exit('delete', LONG)).toBe('0')
      await free()
      expect((await operations('destroy')).length).toBe(1)
    },
    PATIENCE,
  )

  test.each([
    { when: 'as soon as it is under way', begun: () => underWay('deploy') },
    {
      when: 'while MAAS installs, so that it is erased',
      begun: () => {
        const before = installations()
        return waitUntil('the machine is being installed', () => installations() > before)
      },
    },
  ])(
    'a create that hangs at one is cut short by a stop at the other, $when, and both are answered',
    async ({ begun }) => {
      const { atFirst, atOther } = newVm()
      expect(await atFirst.exit('prepare', LONG)).toBe('0')
      const cut = begun()
      const create = atFirst.exit('create', LONG)
      await cut
      expect(await atOther.exit('stop', LONG)).toBe('0')
      // the machine may be on, but it is MAAS that erases it, and no system of the tenant's
      expect(ports()).toEqual(resting())
      expect(
        machine()
          .interfaces()
          .map(({ lease }) => lease?.server),
      ).not.toContain('router-blue')
      expect(await create).toMatch(/^1 \w/)
      expect(await atOther.exit('delete', LONG)).toBe('0')
      await free()
    },
    PATIENCE,
  )

  test(
    'a replica that dies in a create: the other one takes the operation over, and the repeated call ends with it',
    async () => {
      const { atFirst, atOther } = newVm()
      expect(await atFirst.exit('prepare', LONG)).toBe('0')
      // what it gave is CloudStack's to repeat, wherever
      atOther.details = atFirst.details
      const installed = installations()
      const before = (await operations('deploy')).length
      const create = atFirst.exit('create', LONG)
      await waitUntil('the machine is being installed', () => installations() > installed)
      await site.controller.kill()
      expect(await create).toMatch(/^1 The Ferrule daemon does not answer/)
      expect(await atOther.exit('create', LONG)).toBe('0')
      expect([(await operations('deploy')).length, installations()]).toEqual([before + 1, installed + 1])
      expect(ports()).toEqual([[101]])
      await expect
        .poll(() => machine().interfaces()[0], WAIT)
        .toMatchObject({ mac: atOther.nics[0]?.mac, vlan: 101, lease: { server: 'router-blue' } })
      expect(await atOther.exit('delete', LONG)).toBe('0')
      await free()
    },
    PATIENCE,
  )
})
