import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FerruleError } from '../../../domain/errors.ts'
import type { Bmc } from '../types.ts'
import { type Rig, startRig } from './testing/rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig({ basicOnly: true }, { secondMs: 0, transitionSeconds: 2, keepAlive: true })
})
afterAll(() => rig.stop())

/** Values that a BMC might put anywhere, links to itself among them. */
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(
      null,
      true,
      -1,
      1e308,
      '',
      '\u0000',
      'On',
      'Off',
      '/redfish/v1/Systems/1',
      '//x',
      '__proto__',
    ),
    fc.string({ maxLength: 20 }),
    fc.constant({ '@odata.id': '/redfish/v1/Systems/1' }),
  ),
  node: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'Members',
        'Members@odata.nextLink',
        '@odata.id',
        'Boot',
        'Name',
        'TaskState',
        '__proto__',
      ),
      tie('node'),
      { maxKeys: 4 },
    ),
  ),
})).node

const names = [
  'PowerState',
  'Boot',
  'Actions',
  'Links',
  'Storage',
  'SimpleStorage',
  'LogServices',
  'UUID',
  '@Redfish.Settings',
]

const asks: [string, (bmc: Bmc) => Promise<unknown> | undefined][] = [
  ['power', (bmc) => bmc.power()],
  ['boot device', (bmc) => bmc.bootDevice()],
  ['power on', (bmc) => bmc.powerOn(rig.lease)],
  ['set boot device', (bmc) => bmc.setBootDevice(rig.lease, 'network', { persistent: true, efi: true })],
  ['inventory', (bmc) => bmc.inventory?.inventory()],
  ['sensors', (bmc) => bmc.sensors?.sensors()],
  ['log', (bmc) => bmc.eventLog?.eventLog({ limit: 5 })],
]

test.each(asks)(
  '%s: whatever a BMC answers, the end is a value or a coded error',
  async (_, ask) => {
    const replies = fc.record({
      status: fc.constantFrom(200, 200, 200, 202, 204, 303, 400, 404, 412, 500, 999),
      system: fc.dictionary(fc.constantFrom(...names), value),
      rest: value,
      headers: fc.constantFrom({}, { Location: '/redfish/v1/x' }, { ETag: 'W/"' }, { 'Retry-After': 'soon' }),
    })
    await fc.assert(
      fc.asyncProperty(replies, async ({ status, system, rest, headers }) => {
        let answers = 0
        rig.fake.answer = (request, usual) => {
          // Nobody asks for ever.
          answers += 1
          if (answers > 400) return { status: 404 }
          if (/\/v1\/?$|Systems$/.test(request.path)) return undefined
          if (request.method === 'GET' && request.path.endsWith('/Systems/1')) {
            const body = usual().body
            return { status: 200, headers, body: { ...(typeof body === 'object' ? body : {}), ...system } }
          }
          return { status, headers, body: rest }
        }
        const error: unknown = await Promise.resolve(ask(rig.bmc)).then(
          () => null,
          (reason: unknown) => reason,
        )
        if (error !== null && !(error instanceof FerruleError)) throw error
        expect(answers).toBeLessThan(400)
      }),
      { numRuns: 40 },
    )
  },
  60_000,
)
