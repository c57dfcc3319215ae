import { expect, test } from 'vitest'
import { scripted } from './testing/fixture.ts'

/** A light that knows "force on", or does not. */
async function given(force: boolean) {
  const { bmc, client } = await scripted()
  const told: string[] = []
  bmc.more = ({ netFn, number, data }) => {
    if (netFn !== 0 || number !== 4) return undefined
    if (!force && data.length > 1) return [0xc7, []]
    told.push(data.toString('hex'))
    return [0, []]
  }
  return { light: client.identifyLight, told }
}

test.each([
  [20, '14'],
  [255, 'ff'],
  [0, '00'],
  ['forever' as const, '0001'],
])('%s is %s', async (seconds, bytes) => {
  const { light, told } = await given(true)
  await light?.identify(seconds)
  expect(told).toEqual([bytes])
})

test('a light that knows no "for ever" says so, and seconds work', async () => {
  const { light, told } = await given(false)
  await expect(light?.identify('forever')).rejects.toMatchObject({
    code: 'bmc-unsupported',
    remedy: expect.stringContaining('255'),
  })
  await light?.identify(5)
  expect(told).toEqual(['05'])
})

test.each([-1, 256, 1.5, Number.NaN])('%f seconds are refused before anything is sent', async (seconds) => {
  const { light, told } = await given(true)
  await expect(light?.identify(seconds)).rejects.toMatchObject({ code: 'invalid-input' })
  expect(told).toEqual([])
})
