import { expect, test } from 'vitest'
import { readMakes } from './read-makes.ts'

test('makes as the command line has them', () => {
  expect(readMakes('eos')).toEqual({ 'r2-tor1': 'eos', 'r2-tor2': 'eos' })
  expect(readMakes(' EOS,os10')).toEqual({ 'r2-tor1': 'eos', 'r2-tor2': 'os10' })
  expect(() => readMakes('eos,catalyst')).toThrow(/"catalyst" is none of the makes force10, eos/)
  expect(() => readMakes('eos,eos,eos')).toThrow(/two switches/)
})
