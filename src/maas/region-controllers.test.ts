import { afterEach, describe, expect, test } from 'vitest'
import { createMaas } from './client.ts'
import { capture, KEY, type Recorded, recordedMaas } from './test-support/recorded-maas.ts'

let recorded: Recorded | undefined

afterEach(async () => {
  await recorded?.stop()
  recorded = undefined
})

describe('the region controllers of the settings', () => {
  test('each region controller tells its version, and whose the key is', async () => {
    recorded = await recordedMaas(['01', '02'].map((number) => capture(number).response))
    expect(await recorded.maas.endpoints()).toEqual([
      {
        url: recorded.url,
        version: '3.7.3',
        account: { username: 'admin', isSuperuser: true },
        ms: expect.any(Number),
        fault: null,
      },
    ])
    expect(recorded.seen.map(({ path, op }) => [path, op])).toEqual(
      ['01', '02'].map((number) => [capture(number).request.path, capture(number).request.op]),
    )
  })

  test('one that does not answer is told beside those that do', async () => {
    recorded = await recordedMaas(['01', '02'].map((number) => capture(number).response))
    const maas = createMaas({ url: `http://127.0.0.1:1/MAAS,${recorded.url}`, key: KEY })
    const [dead, alive] = await maas.endpoints()
    expect(dead).toMatchObject({ url: 'http://127.0.0.1:1/MAAS', version: null, account: null })
    expect(dead?.fault?.message).toContain('no answer from MAAS (http://127.0.0.1:1/MAAS)')
    expect(alive).toMatchObject({ url: recorded.url, version: '3.7.3', fault: null })
  })

  test('one that refuses the key has its version, and says so', async () => {
    recorded = await recordedMaas([
      capture('01').response,
      {
        status: 401,
        headers: { 'content-type': 'text/plain' },
        body: 'Authorization Error: Invalid API key.',
      },
    ])
    const [seen] = await recorded.maas.endpoints()
    expect(seen).toMatchObject({ version: '3.7.3', account: null })
    expect(seen?.fault?.message).toContain('Invalid API key')
  })
})
