import { describe, test } from 'vitest'
import { rackForTests, toldAndPutBack, wholeLife } from '../support/tor-life.ts'

describe('a rack with Arista EOS by its API and Dell OS10 by its command line', () => {
  const rig = rackForTests('eos', 'os10')

  test('the life of a server', () => wholeLife(rig()))

  test.each([
    ['r2-tor1', 'is away', { down: true }, /switch-unreachable/],
    ['r2-tor1', 'says OK and does nothing', { okButNothing: 50 }, /switch-(refused|mismatch)/],
    ['r2-tor2', 'lies about saving', { saveLies: true }, /switch-(refused|mismatch)/],
  ])('%s %s: told, and the ports are back', async (name, _how, dials, code) => {
    await toldAndPutBack(rig(), name, dials, code)
  })
})
