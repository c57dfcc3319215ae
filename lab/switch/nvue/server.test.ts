import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CumulusServer, startCumulus } from './server.ts'

let cumulus: CumulusServer
beforeEach(async () => {
  cumulus = await startCumulus({
    address: '127.0.0.1',
    clear: true,
    users: [
      { username: 'cumulus', password: 'secret' },
      { username: 'viewer', password: 'look', readOnly: true },
    ],
    hosts: ['swp1', 'swp2'],
    uplinks: [],
    pxeVlan: 10,
    reservedVlans: [3725],
    applyMs: 2,
  })
})
afterEach(() => cumulus.stop())

async function ask(method: string, path: string, body?: unknown, login = 'cumulus:secret') {
  const response = await fetch(`http://${cumulus.http.address}:${cumulus.http.port}/nvue_v1${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(login).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: Record<string, unknown> = JSON.parse(await response.text())
  return { status: response.status, body: answer }
}

async function revision(patch: unknown): Promise<string> {
  const { body } = await ask('POST', '/revision')
  const [id = ''] = Object.keys(body)
  await ask('PATCH', `/?rev=${id}`, patch)
  return id
}

async function applied(id: string, more: object = {}) {
  await ask('PATCH', `/revision/${id}`, { state: 'apply', ...more })
  await expect.poll(async () => (await ask('GET', `/revision/${id}`)).body.state).not.toBe('apply')
  return (await ask('GET', `/revision/${id}`)).body
}

const member = (port: string, value: unknown) => ({
  interface: { [port]: { bridge: { domain: { br_default: value } } } },
})

test('a revision is nothing until it is applied; its difference says what it would do; null takes away', async () => {
  const id = await revision(member('swp1', { access: null, untagged: 10, vlan: { '10': {} } }))
  expect((await ask('GET', `/?rev=${id}&diff=applied&filled=false`)).body).toEqual({
    added: member('swp1', { untagged: 10, vlan: { '10': {} } }),
    removed: member('swp1', { access: 10 }),
  })
  const before = await ask('GET', '/interface/swp1?rev=applied')
  expect(before.body).toMatchObject({ bridge: { domain: { br_default: { access: 10 } } } })
  expect(await applied(id)).toMatchObject({ state: 'applied' })
  expect((await ask('PATCH', `/?rev=${id}`, {})).status).toBe(404)
})

test('it comes into force command by command: new and old are there together for a moment', async () => {
  await applied(
    await revision({ bridge: { domain: { br_default: { vlan: { '20': {}, '30': {}, '31': {} } } } } }),
  )
  await applied(await revision(member('swp1', { access: null, untagged: 10, vlan: { '10': {}, '30': {} } })))
  const from = cumulus.model.history.length
  await applied(
    await revision(member('swp1', { untagged: 20, vlan: { '10': null, '30': null, '20': {}, '31': {} } })),
  )
  expect(
    cumulus.model.history.slice(from).map(({ membership: { untagged, tagged } }) => [untagged, tagged]),
  ).toEqual([
    [20, [10, 30]],
    [20, []],
    [20, [31]],
  ])
})

test('an apply puts the whole revision in force, also over what others applied since', async () => {
  const id = await revision(member('swp1', { access: 10 }))
  cumulus.nvued.applyNow({ ...member('swp2', null), system: { hostname: 'leaf02' } })
  await applied(id)
  expect(cumulus.model.membership('swp2').untagged).toBe(10)
})

test.each([
  [{ bridge: { domain: { br_default: { vlan: { '3725': {} } } } } }, /reserved range/],
  [member('swp9', { access: 10 }), /swp9: Interface does not exist/],
  [member('swp1', { untagged: 10 }), /access excludes/],
])('%j is invalid, and nothing of it is in force', async (patch, said) => {
  const ended = await applied(await revision(patch))
  expect(ended).toMatchObject({
    state: 'invalid',
    transition: { issue: { '0': { message: expect.stringMatching(said) } } },
  })
  expect(cumulus.model.history).toEqual([])
})

test('a warning that nobody answers ends the apply', async () => {
  cumulus.nvued.warns = true
  const id = await revision(member('swp1', null))
  expect(await applied(id)).toMatchObject({ state: 'ays_fail' })
  expect(await applied(id, { 'auto-prompt': { ays: 'ays_yes' } })).toMatchObject({ state: 'applied' })
})

test('a reboot brings back what was saved', async () => {
  await applied(await revision(member('swp1', null)))
  await ask('PATCH', '/revision/applied', { state: 'save', 'auto-prompt': { ays: 'ays_yes' } })
  await applied(await revision(member('swp2', null)))
  cumulus.nvued.reboot()
  expect(cumulus.model.membership('swp1').untagged).toBe(null)
  expect(cumulus.model.membership('swp2').untagged).toBe(10)
})

test('a viewer looks only; what is not there is 404', async () => {
  expect((await ask('POST', '/revision', {}, 'viewer:look')).status).toBe(403)
  expect((await ask('GET', '/interface/swp9?rev=operational')).status).toBe(404)
  const { body } = await ask(
    'GET',
    '/bridge/domain/br_default/port?rev=operational',
    undefined,
    'viewer:look',
  )
  expect(body).toMatchObject({
    swp1: { vlan: { '10': { 'fwd-state': 'forwarding', 'tag-state': 'untagged' } } },
  })
})
