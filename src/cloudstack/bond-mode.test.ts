import { describe, expect, test } from 'vitest'
import { bondModeOf } from './catalogue.ts'

describe('the detail External:bond_mode', () => {
  test('is a mode, or nothing at all', () => {
    expect(bondModeOf({ bondMode: null, offering: null })).toBeUndefined()
    expect(bondModeOf({ bondMode: null, offering: 'fast' })).toBeUndefined()
    for (const bondMode of ['active-backup', '802.3ad', 'balance-tlb', 'balance-alb'])
      expect(bondModeOf({ bondMode, offering: null })).toBe(bondMode)
  })

  test('is refused when it is none that is offered, or contradicts an offering', () => {
    expect(() => bondModeOf({ bondMode: 'balance-rr', offering: null })).toThrow(/"balance-rr" is unknown/)
    expect(() => bondModeOf({ bondMode: '802.3ad', offering: 'fast' })).toThrow(/both given/)
  })
})
