import { expect, test } from 'vitest'
import { cursorOfName, nameOfCursor, pageByName, pageByNumber } from './paging.ts'

test('pages by name follow each other, also when the cursor’s object is gone', () => {
  const all = ['b', 'a', 'd', 'c'].map((name) => ({ name }))
  const first = pageByName(all, { limit: 2 })
  expect(first.items.map(({ name }) => name)).toEqual(['a', 'b'])
  const without = all.filter(({ name }) => name !== 'b')
  const second = pageByName(without, { limit: 2, after: first.next ?? '' })
  expect(second).toEqual({ items: [{ name: 'c' }, { name: 'd' }], next: null })
})

test('any cursor is a place in the order', () => {
  expect(nameOfCursor(cursorOfName('größe-1'))).toBe('größe-1')
  expect(nameOfCursor('AAAA')).toBe('')
})

test('one more than asked for tells that there is more', () => {
  expect(pageByNumber([3, 2, 1], 2, (one) => one)).toEqual({ items: [3, 2], next: '2' })
  expect(pageByNumber([3, 2], 2, (one) => one).next).toBeNull()
})
