import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Image } from './model.ts'
import type { Fields, Reply } from './test-support/client.ts'
import { ApiCaller } from './test-support/client.ts'
import { differences, isRecord } from './test-support/compare.ts'
import { type MaasRoom, maasRoom, status, until } from './test-support/room.ts'

/** Recorded from MAAS 3.7.3: one machine's life, in the order of the file names. */
interface Exchange {
  request: { method: string; path: string; op: string | null; query: Fields; form: Fields | null }
  response: { status: number; headers: Record<string, string>; body: unknown }
}

const FIXTURES = new URL('./fixtures/', import.meta.url)
const FILES = readdirSync(FIXTURES).filter((name) => /^\d/.test(name))
/** Ids in the recording. */
const REAL = {
  systemId: 'ap4f6s',
  macs: ['52:54:00:7e:6f:01', '52:54:00:7e:6f:02'],
  interfaces: [19, 20, 21],
}

/** The recorded machine had power type webhook, the lab's has a BMC; MACs of the lab's machines have no letters. */
const NOT_REPLAYED = ['17-power-parameters.json', '09-find-by-mac-upper-case.json']

let room: MaasRoom
let systemId = ''

beforeAll(async () => {
  // Slow enough that two requests after one another find the same state.
  room = await maasRoom(1_000)
  room.maas.region.state.images = recordedImages()
})
afterAll(() => room.stop())

describe('every recorded exchange gets the same answer from the lab', () => {
  test.each(FILES.filter((name) => !NOT_REPLAYED.includes(name)))('%s', async (name) => {
    await before(name)
    const { request, response } = adapted(name)
    const key = name === '03-bad-key.json' ? 'wrong:wrong:wrong' : undefined
    const reply = await send(request, key)
    if (name === '04-create-machine.json' && isRecord(reply.body)) systemId = String(reply.body.system_id)
    const expected = adapted(name).response

    expect({ status: reply.status, contentType: reply.contentType }, JSON.stringify(reply.body)).toEqual({
      status: response.status,
      contentType: response.headers['Content-Type'],
    })
    for (const header of ['Vary', 'X-Maas-Api-Hash', 'WWW-Authenticate']) {
      expect([header, reply.headers.get(header)]).toEqual([header, response.headers[header] ?? null])
    }
    expect(differences(comparable(name, expected.body), comparable(name, reply.body))).toEqual([])
  })
})

/** What had come to pass in the recording before this request. */
async function before(name: string): Promise<void> {
  if (name.startsWith('14-')) await until(() => status(room, systemId) === 4)
  if (name.startsWith('34-')) await until(() => status(room, systemId) === 6)
  if (name.startsWith('44-')) await until(() => status(room, systemId) === 4)
}

function send(request: Exchange['request'], key?: string): Promise<Reply> {
  const { method, path, op, query, form } = request
  const api = key === undefined ? room.api : new ApiCaller(room.url, key)
  const search = op === null ? query : { op, ...query }
  return api.send(method, path.replace('/MAAS/api/2.0/', ''), search, form ?? undefined)
}

function adapted(name: string): Exchange {
  const machine = room.world.machine('r1-h1')
  const node = room.maas.region.node(systemId)
  let text = readFileSync(new URL(name, FIXTURES), 'utf8')
  if (systemId !== '') text = text.replaceAll(REAL.systemId, systemId)
  REAL.macs.forEach((mac, index) => {
    text = text
      .replaceAll(mac, machine.nics[index]?.mac ?? '')
      .replaceAll(mac.toUpperCase(), machine.nics[index]?.mac.toUpperCase() ?? '')
  })
  const exchange: Exchange = JSON.parse(text)
  const { request } = exchange
  REAL.interfaces.forEach((id, index) => {
    request.path = request.path.replace(`/interfaces/${id}/`, `/interfaces/${node?.interfaces[index]?.id}/`)
  })
  const form = request.form
  if (form !== null && Array.isArray(form.parents)) {
    form.parents = form.parents.map((id) => node?.interfaces[REAL.interfaces.indexOf(Number(id))]?.id ?? 0)
  }
  if (form?.power_type === 'webhook') {
    for (const key of Object.keys(form)) if (key.startsWith('power_')) delete form[key]
    const { address, username, password } = machine.bmc
    Object.assign(form, {
      power_type: 'ipmi',
      power_parameters_power_address: address,
      power_parameters_power_user: username,
      power_parameters_power_pass: password,
    })
  }
  return exchange
}

/** Where whole bodies cannot be equal, the part that must be. */
function comparable(name: string, body: unknown): unknown {
  if (name.startsWith('19-') && Array.isArray(body)) return body.slice(0, 1)
  if (name.startsWith('35-')) {
    const config: unknown = parse(String(body))
    if (!isRecord(config)) return null
    const { network, late_commands, storage, cloudconfig, ...rest } = config
    return {
      network,
      kinds: isRecord(storage) && Array.isArray(storage.config) && storage.config.map((one) => one.type),
      late: late_commands,
      paths: isRecord(cloudconfig) && Object.values(cloudconfig).map((one) => isRecord(one) && one.path),
      rest: Object.keys(rest).sort(),
    }
  }
  // Order of sets by type is not defined by MAAS; by type it is comparable.
  if (name.startsWith('45-') && Array.isArray(body)) return [...body].sort((a, b) => a.type - b.type)
  return body
}

function recordedImages(): Image[] {
  const exchange: Exchange = JSON.parse(readFileSync(new URL('20-boot-resources.json', FIXTURES), 'utf8'))
  const listed = Array.isArray(exchange.response.body) ? exchange.response.body : []
  return listed.map((one): Image => {
    const [architecture = '', subarch = ''] = String(one.architecture).split('/')
    return {
      id: one.id,
      kind: one.type,
      name: one.name,
      architecture,
      subarch,
      title: one.title ?? '',
      lastDeployed: null,
      cloudInit: true,
    }
  })
}
