import { expect, test } from 'vitest'
import { ReplayWindow } from './replay-window.ts'

function accepted(sequences: number[]): number[] {
  const window = new ReplayWindow()
  return sequences.filter((sequence) => window.accept(sequence))
}

test('each number counts once', () => {
  expect(accepted([1, 1, 2, 2, 3, 1])).toEqual([1, 2, 3])
})

test('zero never counts', () => {
  expect(accepted([0, 1, 0])).toEqual([1])
})

test('late ones count once within the window', () => {
  expect(accepted([1, 5, 3, 4, 2, 3, 5])).toEqual([1, 5, 3, 4, 2])
})

test('older than the window never counts', () => {
  expect(accepted([40, 9, 8, 1])).toEqual([40, 9])
})

test('numbers may be skipped, by far too, and what was seen before stays seen', () => {
  expect(accepted([1, 3, 5, 1000, 5, 968, 969, 999, 1000])).toEqual([1, 3, 5, 1000, 969, 999])
})

test('the edge of 31 steps keeps what lies behind', () => {
  expect(accepted([1, 32, 1, 33, 2, 1])).toEqual([1, 32, 33, 2])
})

test('holds at the end of the 32-bit range', () => {
  expect(accepted([0xffffffff, 0xfffffffe, 0xffffffff])).toEqual([0xffffffff, 0xfffffffe])
})
