import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createCloudstackClient } from './client.ts'
import { flatten } from './params.ts'
import { signatureOf } from './signature.ts'

const apiKey = 'plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg'
const secretKey = 'VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ'
const url = 'https://cloud.example/client/api'

/** A server that gives these answers one after the other; the time passes only while it is waited. */
function served(...answers: (() => Response)[]) {
  const asked: Record<string, string>[] = []
  let now = Date.parse('2026-01-30T10:55:11Z')
  const client = createCloudstackClient({
    url,
    apiKey,
    secretKey,
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
    jobMs: 10_000,
    fetch: async (_url, init) => {
      asked.push(Object.fromEntries(new URLSearchParams(String(init?.body))))
      const answer = answers[Math.min(asked.length, answers.length) - 1]
      if (answer === undefined) throw new Error('no answer is left')
      return answer()
    },
  })
  return { client, asked }
}
const json = (status: number, root: unknown) => () => Response.json({ someresponse: root }, { status })
const cut = () => {
  throw new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
}
const named = z.object({ id: z.string() })

test("a signature is the one of CloudStack's own documentation", () => {
  expect(signatureOf({ command: 'listUsers', response: 'json', apiKey }, secretKey)).toBe(
    'TTpdDq/7j/J58XCRHomKoQXEQds=',
  )
})

test('maps and lists become numbered names', () => {
  expect(
    flatten({ id: 'a', none: undefined, details: { ram: '64' }, parameters: [{ name: 'x' }, { name: 'y' }] }),
  ).toEqual({
    id: 'a',
    'details[0].ram': '64',
    'parameters[0].name': 'x',
    'parameters[1].name': 'y',
  })
})

test('a request goes into the body, signed, with an end', async () => {
  const { client, asked } = served(json(200, { id: 'z' }))
  expect(await client.ask('createZone', { name: "a b*'~" }, named)).toEqual({ id: 'z' })
  const { signature, ...values } = asked[0] ?? {}
  expect(values).toEqual({
    ...{ name: "a b*'~", command: 'createZone', response: 'json', apiKey },
    ...{ signatureVersion: '3', expires: '2026-01-30T11:05:11+0000' },
  })
  expect(signature).toBe(signatureOf(values, secretKey))
})

test('a list is asked for page by page, and again when the answer was lost', async () => {
  const page = Array.from({ length: 500 }, (_, at) => ({ id: String(at) }))
  const { client, asked } = served(
    cut,
    json(200, { count: 501, zone: page }),
    json(200, { count: 501, zone: [{ id: 'x' }] }),
  )
  expect(await client.list('listZones', 'zone', {}, named)).toHaveLength(501)
  expect(asked.map((one) => one.page)).toEqual(['1', '1', '2'])
  expect(await served(json(200, {})).client.list('listZones', 'zone', {}, named)).toEqual([])
})

describe('a job', () => {
  test('is looked at until it has ended, over a server that goes away meanwhile', async () => {
    const ended = { jobstatus: 1, jobresult: { id: 'h' } }
    const { client } = served(json(200, { jobid: 'j' }), json(200, { jobstatus: 0 }), cut, json(200, ended))
    expect(await client.run('deleteTemplate', { id: 't' }, named)).toEqual({ id: 'h' })
  })

  test('that fails says why, and one without an end is given up', async () => {
    const failed = {
      jobstatus: 2,
      jobresultcode: 530,
      jobresult: { errorcode: 530, errortext: 'Failed to\n do it' },
    }
    await expect(
      served(json(200, { jobid: 'j' }), json(200, failed)).client.run('x', {}, named),
    ).rejects.toMatchObject({
      code: 'cloudstack-refused',
      message: 'CloudStack refused x: 530 Failed to do it',
    })
    await expect(
      served(json(200, { jobid: 'j' }), json(200, { jobstatus: 0 })).client.run('x', {}, named),
    ).rejects.toMatchObject({ code: 'deadline', message: expect.stringContaining('(job j)') })
  })
})

describe('what fails is one coded sentence without a secret', () => {
  const refused = (code: number) => json(code, { errorcode: code, errortext: 'because', uuidList: [] })
  test.each([
    ['a wrong signature', refused(401), 'cloudstack-auth', /401 because/],
    ['a command that is not there', refused(432), 'cloudstack-refused', /432 because/],
    ['a wrong parameter', refused(431), 'cloudstack-refused', /431 because/],
    [
      'a page of a proxy',
      () => new Response('<html>', { status: 200 }),
      'cloudstack-refused',
      /not understood/,
    ],
    ['a gateway', () => new Response('busy', { status: 503 }), 'cloudstack-unreachable', /HTTP status 503/],
    ['no server', cut, 'cloudstack-unreachable', /ECONNREFUSED/],
    ['an answer without what is needed', json(200, { name: 'a' }), 'cloudstack-refused', /id/],
  ])('%s', async (_name, answer, code, message) => {
    const { client, asked } = served(answer)
    const error: unknown = await client.ask('addHost', { password: 'hunter2' }, named).catch((seen) => seen)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(JSON.stringify(error) + String(error)).not.toMatch(new RegExp(`${secretKey}|${apiKey}|hunter2`))
    // what changes something is asked once only
    expect(asked).toHaveLength(1)
  })
})
