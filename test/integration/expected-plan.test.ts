import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../src/api/server.ts'
import { createConsoles } from '../../src/console/rooms.ts'
import { hashToken, newToken } from '../../src/secrets/tokens.ts'
import { createNetwork } from '../../src/services/catalogue.ts'
import type { Services } from '../../src/services/context.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { findHost } from '../../src/services/hosts.ts'
import { destroyInstance } from '../../src/services/instances.ts'
import { cancelOperation } from '../../src/services/operations.ts'
import { planDeploy } from '../../src/services/plan-deploy.ts'
import { openDatabase } from '../../src/store/database.ts'
import { insertToken } from '../../src/store/tokens.ts'
import { fileless } from '../support/fileless.ts'
import { force10At } from '../support/force10-tor.ts'
import { Gate } from '../support/gate.ts'
import { admin, furnish, type Rig, startRig } from '../support/rig.ts'

const program = fileURLToPath(new URL('../../bin/ferrule', import.meta.url))

/** A deploy that is held to a plan is that plan, or nothing. */
describe('a deploy that says which plan it expects', () => {
  let rig: Rig
  let api: FastifyInstance
  let url: string
  const gate = new Gate()
  const token = newToken()

  beforeAll(async () => {
    rig = await startRig({ racks: ['r1'], config: 'erase: { policy: quick }', interference: gate })
    await furnish(rig)
    const { services, pool, mode } = rig.core
    const log = () => undefined
    api = await createApi({
      ...{ services, database: pool, log, version: '0.0.0-test', hashToken, mode },
      consoles: createConsoles(services, { url: null, log }),
      settings: () => ({}),
      provider: fileless(),
      meters: { text: async () => '' },
    })
    url = await api.listen({ host: '127.0.0.1', port: 0 })
    await insertToken(openDatabase(pool), { name: 'the-admin', role: 'admin', hash: token.hash })
    for (const name of ['r1-h2', 'r1-h4'])
      expect(await rig.enlist(name, { clean: true })).toMatchObject({ state: 'succeeded' })
  }, 60_000)
  afterAll(async () => {
    await api?.close()
    await rig?.stop()
  })

  const services = () => rig.core.services
  const web = (name: string) => ({
    ...{ name, template: 'jammy', offering: 'small', nics: [{ network: 'blue' }] },
  })
  const fingerprint = async (name: string) => (await planDeploy(services(), web(name))).fingerprint ?? ''
  const deploy = (name: string, expectedPlan: string, by: Services = services()) =>
    deployInstance(by, admin, { ...web(name), expectedPlan })

  async function count(): Promise<unknown> {
    const { rows } = await services().tools.db.query(
      `select (select count(*) from operation) as operations, (select count(*) from instance) as instances,
        (select count(*) from hold) as holds, (select count(*) from tenancy) as tenancies`,
    )
    return rows[0]
  }

  async function away(name: string): Promise<void> {
    const { operation } = await destroyInstance(services(), admin, name)
    if (operation) expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded' })
  }

  /** Between the look at MAAS, which is in the plan, and the hold. */
  function between(happening: () => Promise<void>): { services: Services; looks: () => number } {
    let looks = 0
    const { tools } = services()
    const maas = new Proxy(tools.maas, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key)
        if (key !== 'machine') return typeof member === 'function' ? member.bind(target) : member
        return async (systemId: string) => {
          const found = await target.machine(systemId)
          looks += 1
          if (looks === 1) await happening()
          return found
        }
      },
    })
    return { services: { ...services(), tools: { ...tools, maas } }, looks: () => looks }
  }

  /** At the console of the switch of its first NIC. */
  function atTheConsole(host: string, vlan: number): void {
    const [nic] = rig.lab.world.machine(host).nics
    if (!nic) throw new Error('a machine without a NIC')
    force10At(rig.lab, nic.cable.switch).model.change(({ vlans }) => {
      for (const { untagged, tagged } of vlans.values()) {
        untagged.delete(nic.cable.port)
        tagged.delete(nic.cable.port)
      }
      vlans.get(vlan)?.untagged.add(nic.cable.port)
    })
  }

  async function call(path: string, body: object, key?: string) {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${token.token}`, 'content-type': 'application/json' },
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
    })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the interface answers
    const json = (await answer.json()) as any
    return { status: answer.status, type: answer.headers.get('content-type'), json }
  }

  test('as expected: its host is held from the first moment, before the operation has chosen anything', async () => {
    const expected = await fingerprint('one')
    expect(expected).toMatch(/^r1-h2:/)
    expect(await fingerprint('one')).toBe(expected)
    const held = gate.hold('deploy', 'choose-host')
    const { operation, instance } = await deploy('one', expected)
    expect(operation).toMatchObject({ host: 'r1-h2', kind: 'deploy' })
    expect(instance.hostId).toBe(operation.hostId)
    expect(await findHost(services(), 'r1-h2')).toMatchObject({
      hold: { operationId: operation.id },
      tenancy: { instanceId: instance.id },
    })
    await held.reached
    // nobody else is given it meanwhile
    expect((await planDeploy(services(), web('two'))).host).toBe('r1-h4')
    held.release()
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded', host: 'r1-h2' })
  }, 60_000)

  test('another host by now: refused with both names, and nothing is begun', async () => {
    await away('one')
    const expected = await fingerprint('late')
    const { operation } = await deploy('one', expected)
    const before = await count()
    await expect(deploy('late', expected)).rejects.toMatchObject({
      code: 'plan-changed',
      status: 409,
      message: expect.stringContaining('it would get host r1-h4 instead of r1-h2'),
      details: { changed: expect.arrayContaining([{ what: 'host', was: 'r1-h2', now: ['r1-h4'] }]) },
    })
    expect(await count()).toEqual(before)
    await rig.ended(operation.id)
    await away('one')
  }, 60_000)

  test('other switch lines by now: refused with the lines, and nothing is sent', async () => {
    const expected = await fingerprint('one')
    atTheConsole('r1-h2', 999)
    const before = await count()
    const refused = await call('/instances', { ...web('one'), expectedPlan: expected })
    expect([refused.status, refused.type]).toEqual([409, 'application/problem+json; charset=utf-8'])
    const { code, detail, details } = refused.json
    expect([code, detail]).toEqual(['plan-changed', expect.stringContaining('other is: switch ports')])
    expect(details.changed).toMatchObject([{ what: 'ports', was: null }])
    expect(details.changed[0].now.join('\n')).toMatch(/1\/\d \(eno1\): access untagged 999 -> /)
    expect(await count()).toEqual(before)
    atTheConsole('r1-h2', 10)
    expect(await fingerprint('one')).toBe(expected)
  })

  test('what refuses it by now is in the refusal', async () => {
    const expected = await fingerprint('one')
    const write = (image: string) =>
      services().tools.db.query(`update template set image = $1 where name = 'jammy'`, [image])
    await write('ubuntu/lost')
    await expect(deploy('one', expected)).rejects.toMatchObject({
      code: 'plan-changed',
      message: expect.stringContaining('MAAS has no image'),
      details: { refusals: [{ code: 'image-missing' }] },
    })
    await write('ubuntu/jammy')
  })

  test('ten at once with one plan: one gets it, the others are refused', async () => {
    const expected = await fingerprint('x')
    const names = Array.from({ length: 10 }, (_, index) => `x${index}`)
    const done = await Promise.allSettled(names.map((name) => deploy(name, expected)))
    const won = done.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    expect(won.map(({ operation }) => operation.host)).toEqual(['r1-h2'])
    const refused = done.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(refused).toEqual(Array(9).fill('plan-changed'))
    await rig.ended(won[0]?.operation.id ?? '')
    await away(won[0]?.instance.name ?? '')
  }, 60_000)

  test('an operation that came and went between the look and the hold is noticed: the look is repeated', async () => {
    const expected = await fingerprint('one')
    const interrupted = between(async () => {
      const held = gate.hold('deploy', 'check')
      const { operation } = await deployInstance(services(), admin, web('quick'))
      await held.reached
      await cancelOperation(services(), admin, operation.id)
      held.release()
      expect(await rig.ended(operation.id)).toMatchObject({ state: 'cancelled', host: 'r1-h2' })
    })
    const { operation } = await deploy('one', expected, interrupted.services)
    expect(interrupted.looks()).toBe(2)
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded', host: 'r1-h2' })
    await away('one')
  }, 60_000)

  test('somebody takes the host between the look and the hold: refused, and nothing is begun', async () => {
    const expected = await fingerprint('one')
    let taken = ''
    const interrupted = between(async () => {
      taken = (await deploy('fast', expected)).operation.id
    })
    await expect(deploy('one', expected, interrupted.services)).rejects.toMatchObject({
      code: 'plan-changed',
    })
    expect(await rig.ended(taken)).toMatchObject({ state: 'succeeded', host: 'r1-h2' })
    await away('fast')
  }, 60_000)

  test('cancelled before its first step: the host is let go', async () => {
    const held = gate.hold('deploy', 'choose-host')
    const { operation } = await deploy('one', await fingerprint('one'))
    await held.reached
    await cancelOperation(services(), admin, operation.id)
    held.release()
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'cancelled' })
    expect(await findHost(services(), 'r1-h2')).toMatchObject({ hold: null, tenancy: null })
  })

  test('the same request again, with its key: the same operation, though the plan would be another by now', async () => {
    const body = { ...web('keyed'), expectedPlan: await fingerprint('keyed') }
    const [first, twin] = await Promise.all([call('/instances', body, 'k1'), call('/instances', body, 'k1')])
    expect([first.status, twin.status]).toEqual([202, 202])
    const { operation } = first.json
    expect(twin.json.operation.id).toBe(operation.id)
    const again = await call('/instances', body, 'k1')
    expect([again.status, again.json.operation.id]).toEqual([202, operation.id])
    const other = await call('/instances', body, 'k2')
    expect([other.status, other.json.code]).toEqual([409, 'plan-changed'])
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded', host: 'r1-h2' })
    await away('keyed')
  }, 60_000)

  test('what is no fingerprint is refused as input', async () => {
    const refused = await call('/instances', { ...web('one'), expectedPlan: 'r1-h2' })
    expect([refused.status, refused.json.code]).toEqual([400, 'invalid-input'])
  })

  function ferrule(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env.PATH, FERRULE_URL: url, FERRULE_TOKEN: token.token },
    })
    const said = { out: '', err: '' }
    for (const [stream, to] of [[child.stdout, 'out'] as const, [child.stderr, 'err'] as const])
      stream.on('data', (chunk) => {
        said[to] += String(chunk)
      })
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })))
  }

  test('command line: the plan prints its fingerprint, and a deploy with it is that plan or is refused', async () => {
    await createNetwork(services(), { name: 'red', kind: 'isolated', vlan: 103 })
    const how = ['--template', 'jammy', '--offering', 'small', '--nic', 'network=red']
    const { out } = await ferrule('plan', 'deploy', 'cli', ...how)
    const [, printed = ''] = /^fingerprint: (r1-h2:[0-9a-f]+)$/m.exec(out) ?? []
    const expected = ['--expect-plan', printed]
    await services().tools.db.query(`update network set vlan = 104 where name = 'red'`)
    const refused = await ferrule('instance', 'deploy', 'cli', ...how, ...expected)
    expect([refused.code, refused.out]).toEqual([2, ''])
    expect(refused.err).toMatch(/plan-changed.*ports, now:.* -> .*untagged 104/s)
    await services().tools.db.query(`update network set vlan = 103 where name = 'red'`)
    const deployed = await ferrule(
      'instance',
      'deploy',
      'cli',
      ...how,
      ...expected,
      '--no-wait',
      '-o',
      'json',
    )
    expect(deployed.code).toBe(0)
    const { operation } = JSON.parse(deployed.out)
    expect(await rig.ended(operation.id)).toMatchObject({ state: 'succeeded', host: 'r1-h2' })
  }, 60_000)
})
