import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApi } from '../../src/api/server.ts'
import { createConsoles } from '../../src/console/rooms.ts'
import { hashToken, newToken } from '../../src/secrets/tokens.ts'
import { setHostBmc } from '../../src/services/host-bmc.ts'
import { addHost } from '../../src/services/hosts.ts'
import { openDatabase } from '../../src/store/database.ts'
import { listEvents } from '../../src/store/events.ts'
import { insertToken } from '../../src/store/tokens.ts'
import { fileless } from '../support/fileless.ts'
import { redfishOf } from '../support/redfish.ts'
import { admin, type Rig, startRig } from '../support/rig.ts'

/** The built program: `pretest:integration` builds it. */
const program = fileURLToPath(new URL('../../bin/ferrule', import.meta.url))
const hosts = { IPMI: 'r1-h2', Redfish: 'r1-h4' }

let rig: Rig
let api: FastifyInstance
let url: string
const tokens = { admin: newToken(), reader: newToken() }

beforeAll(async () => {
  rig = await startRig({ racks: ['r1'], protocols: { [hosts.Redfish]: ['redfish'] } })
  const { services, pool, mode } = rig.core
  const log = () => undefined
  api = await createApi({
    services,
    consoles: createConsoles(services, { url: null, log }),
    database: pool,
    log,
    version: '0.0.0-test',
    hashToken,
    mode,
    settings: () => ({}),
    provider: fileless(),
    meters: { text: async () => '' },
  })
  url = await api.listen({ host: '127.0.0.1', port: 0 })
  for (const role of ['admin', 'reader'] as const)
    await insertToken(openDatabase(pool), { name: `the-${role}`, role, hash: tokens[role].hash })
  for (const one of await Promise.all(Object.values(hosts).map(enlist)))
    expect(one).toMatchObject({ state: 'succeeded', error: null })
}, 60_000)
afterAll(async () => {
  await api?.close()
  await rig?.stop()
})

const machine = (name: string) => rig.lab.world.machine(name)
const lamp = (name: string) => rig.lab.bmcs.controllers.get(name)?.identify.state

async function enlist(name: string) {
  const { bmc, nics, cpuCount, cpuSpeedMhz, memoryMiB } = machine(name)
  const { address, port, username, password } = bmc
  const { operation } = await addHost(rig.core.services, admin, {
    name,
    bmc:
      name === hosts.Redfish ? redfishOf(rig, name) : { address: `${address}:${port}`, username, password },
    bootMac: nics[0]?.mac ?? '',
    cpuCount,
    cpuSpeedMhz,
    memoryMib: memoryMiB,
    tags: [],
    disksClean: { reason: 'the lab makes blank disks' },
  })
  return rig.ended(operation.id)
}

async function call(
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  role: keyof typeof tokens = 'admin',
) {
  const answer = await api.inject({
    method,
    url: `/api/v1/hosts/${path}`,
    headers: { authorization: `Bearer ${tokens[role].token}`, 'content-type': 'application/json' },
    ...(body ? { payload: JSON.stringify(body) } : {}),
  })
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() }
}

function ferrule(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { PATH: process.env.PATH, FERRULE_URL: url, FERRULE_TOKEN: tokens.admin.token, TZ: 'UTC' }
  const child = spawn(process.execPath, [program, ...args], { env, timeout: 20_000 })
  const said = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += String(chunk)
  })
  child.stderr.on('data', (chunk) => {
    said.err += String(chunk)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...said, code })))
}

describe.each(Object.entries(hosts))('over %s', (protocol, name) => {
  test('the inventory is the machine’s, and MAAS says the same', async () => {
    const { serial, uuid, manufacturer, model, disks } = machine(name)
    const { status, body } = await call('GET', `${name}/inventory`, undefined, 'reader')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      bmc: { serial, uuid, manufacturer, model },
      maas: { serial, uuid },
      differences: [],
    })
    const seen = protocol === 'Redfish' ? disks.map((disk) => [disk.serial, disk.size]) : []
    expect(
      body.bmc.disks.map((disk: { serial: string; sizeBytes: number }) => [disk.serial, disk.sizeBytes]),
    ).toEqual(seen)
  })

  test('the sensors follow the room', async () => {
    const inlet = async () =>
      (await call('GET', `${name}/sensors`, undefined, 'reader')).body.items.find(
        (one: { kind: string; name: string }) => one.kind === 'temperature' && /inlet/i.test(one.name),
      )
    expect(await inlet()).toMatchObject({ value: 22, unit: '°C', health: 'ok' })
    await rig.lab.faults.get(`machine/${name}`)?.set({ inletC: 45 })
    expect(await inlet()).toMatchObject({ value: 45, unit: '°C', health: 'warning' })
    await rig.lab.faults.get(`machine/${name}`)?.reset()
  })

  test('the event log tells of a power cycle, newest last', async () => {
    const log = async (limit: number) => (await call('GET', `${name}/event-log?limit=${limit}`)).body.items
    const before = await log(500)
    machine(name).powerOn()
    machine(name).powerCycle()
    machine(name).powerOff()
    const after = await log(500)
    const text = (entries: { source: string; message: string }[]) =>
      entries.map((one) => `${one.source} ${one.message}`).join('\n')
    expect(after.slice(0, before.length)).toEqual(before)
    expect(text(after.slice(before.length))).toMatch(/restart|power up|initiated/i)
    const newest = await log(2)
    expect(newest).toEqual(after.slice(-2))
    expect((await call('GET', `${name}/event-log?limit=0`)).status).toBe(400)
  })

  test('the identify light is lit for a time, for ever, and put out; recorded with who did it', async () => {
    const identify = (seconds: unknown, role: keyof typeof tokens = 'admin') =>
      call('POST', `${name}/identify`, { seconds }, role)
    expect((await identify(30, 'reader')).status).toBe(403)
    for (const wrong of [-1, 256, 1.5, 'on', null]) expect((await identify(wrong)).status).toBe(400)
    expect(lamp(name)).toBe('off')
    expect((await identify(1)).status).toBe(204)
    expect(lamp(name)).not.toBe('off')
    await expect.poll(() => lamp(name), { timeout: 5_000 }).toBe('off')
    expect((await identify('forever')).status).toBe(204)
    expect(lamp(name)).toBe('forced')
    expect((await identify(0)).status).toBe(204)
    expect(lamp(name)).toBe('off')
    const events = await listEvents(rig.core.services.tools.db, { limit: 1000 })
    const said = events.filter((one) => one.kind === 'host.identify' && one.message.includes(name))
    expect(said.map((one) => one.message)).toEqual([
      `the-admin switched the identify light of ${name} on for 1 s`,
      `the-admin switched the identify light of ${name} on, until it is switched off`,
      `the-admin switched the identify light of ${name} off`,
    ])
  })
})

test('a disk that was changed since the commissioning shows', async () => {
  const name = hosts.Redfish
  await rig.core.pool.query(
    `update host set disks = jsonb_set(disks, '{0,serial}', '"GONE-1"') where name = $1`,
    [name],
  )
  const { body } = await call('GET', `${name}/inventory`)
  expect(body.differences).toEqual([
    expect.stringContaining('(GONE-1) is none of those that the BMC sees'),
    expect.stringContaining(`(${machine(name).disks[0]?.serial}) of the BMC was not there`),
  ])
})

test('a MAAS that does not answer hides nothing of it', async () => {
  await rig.lab.faults.get('maas')?.set({ down: 'unavailable' })
  const { status, body } = await call('GET', `${hosts.IPMI}/inventory`)
  await rig.lab.faults.get('maas')?.reset()
  expect(status).toBe(200)
  expect(body).toMatchObject({ bmc: { serial: machine(hosts.IPMI).serial }, maas: null })
  expect(body.bmc.notes.join()).toContain('not compared with MAAS')
})

test('the command line has tables for people and JSON for machines', async () => {
  const name = hosts.Redfish
  const inventory = await ferrule('host', 'inventory', name)
  expect(inventory).toMatchObject({ code: 0, err: '' })
  expect(inventory.out).toMatch(new RegExp(`serial in MAAS +${machine(name).serial}\n`))
  const sensors = await ferrule('host', 'sensors', name)
  expect(sensors.out).toMatch(/SENSOR +KIND +READING +HEALTH +STATES\n/)
  expect(sensors.out).toMatch(/Inlet\S*.* temperature +22 °C +ok/)
  const log = await ferrule('--output', 'json', 'host', 'event-log', name, '--limit', '1')
  expect(JSON.parse(log.out)).toEqual([expect.objectContaining({ severity: 'info' })])
  expect((await ferrule('host', 'identify', name, 'forever')).out).toBe(
    `identify light of ${name}: on, until "off"\n`,
  )
  expect(lamp(name)).toBe('forced')
  expect((await ferrule('host', 'identify', name, 'off')).code).toBe(0)
  expect(lamp(name)).toBe('off')
  expect(await ferrule('host', 'identify', name, 'soon')).toMatchObject({ code: 2 })
})

test('a host whose BMC cannot be asked is refused with what to do', async () => {
  await setHostBmc(rig.core.services, admin, hosts.IPMI, { protocol: 'maas' })
  for (const [method, path, body] of [
    ['GET', 'inventory'],
    ['GET', 'sensors'],
    ['GET', 'event-log'],
    ['POST', 'identify', { seconds: 5 }],
  ] as const) {
    const refused = await call(method, `${hosts.IPMI}/${path}`, body)
    expect([refused.status, refused.body.code]).toEqual([501, 'bmc-unsupported'])
    expect(refused.body.remedy).toContain('host set-bmc')
  }
  expect(lamp(hosts.IPMI)).toBe('off')
})
