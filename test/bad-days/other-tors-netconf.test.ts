import { describe, test } from 'vitest'
import { learnsItsServer, rackForTests, toldAndPutBack, wholeLife } from '../support/tor-life.ts'

describe('a rack with two switches by NETCONF', () => {
  const rig = rackForTests('netconf', 'netconf')

  test('the life of a server', () => wholeLife(rig()))

  test('what a server sends from is learned, and told', () => learnsItsServer(rig()))

  test.each([
    ['is another machine', { otherHostKey: true }, /switch-auth/],
    ['refuses', { refuseNext: 50 }, /switch-refused/],
    ['lies about saving', { saveLies: true }, /switch-mismatch/],
  ])('one of them %s: told, and the ports are back', async (_how, dials, code) => {
    await toldAndPutBack(rig(), 'r2-tor2', dials, code)
  })
})
