import { describe, expect, test } from 'vitest'
import { destroyInstance } from '../../src/services/instances.ts'
import { expectOneError, portsOf, tryDeploy } from '../support/bad-days.ts'
import { admin } from '../support/rig.ts'
import { HOST, rackForTests, restsAgain, toldAndPutBack, wholeLife } from '../support/tor-life.ts'

describe('a rack with Cumulus by NVUE and Cisco Nexus by NX-API', () => {
  const rig = rackForTests('nvue', 'nxapi')

  test('the life of a server', () => wholeLife(rig()))

  test.each(
    ['r2-tor1', 'r2-tor2'].flatMap((name) => [
      { name, how: 'refuses', dials: { refuseNext: 50 }, code: /^switch-(refused|mismatch|unreachable)$/ },
      {
        name,
        how: 'says OK and does nothing',
        dials: { okButNothing: 50 },
        code: /^switch-(refused|mismatch)$/,
      },
      { name, how: 'lies about saving', dials: { saveLies: true }, code: /^switch-(refused|mismatch)$/ },
      { name, how: 'shows another certificate', dials: { otherCertificate: true }, code: /^switch-auth$/ },
    ]),
  )('$name $how: told, and the ports are back', async ({ name, dials, code }) => {
    await toldAndPutBack(rig(), name, dials, code)
  })

  test.each(['r2-tor1', 'r2-tor2'])(
    '%s does half of a change: mended or told, and no port is left in between',
    async (name) => {
      await rig().lab.faults.get(`switch/${name}`)?.set({ halfApply: 1 })
      const operation = await tryDeploy(rig(), 'web')
      if (operation.state === 'succeeded') {
        expect(portsOf(rig(), HOST)).toEqual(Array(2).fill({ untagged: 101, tagged: [] }))
        const { operation: destroying } = await destroyInstance(rig().core.services, admin, 'web')
        expect(await rig().ended(destroying?.id ?? '')).toMatchObject({ state: 'succeeded', error: null })
      } else expectOneError(operation, operation.error?.code ?? '', /127\.\d+\.20\.[34]/)
      await restsAgain(rig())
    },
  )
})
