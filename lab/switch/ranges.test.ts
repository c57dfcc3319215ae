import { expect, test } from 'vitest'
import { comparePorts, parsePortName } from './port-name.ts'
import { formatNumbers, formatPorts, parsePorts } from './ranges.ts'

test.each([
  [[], ''],
  [[5], '5'],
  [[1, 2, 3, 7, 9, 10], '1-3,7,9-10'],
])('numbers %j are written "%s"', (numbers, text) => {
  expect(formatNumbers(numbers)).toBe(text)
})

test.each([
  [['1/1'], '1/1'],
  [['1/1', '1/2', '1/3', '1/7'], '1/1-3,1/7'],
  [['1/1', '2/1', '2/2'], '1/1,2/1-2'],
])('ports %j are written "%s" and read back', (ports, text) => {
  expect(formatPorts(ports)).toBe(text)
  expect(parsePorts(text)).toEqual(ports)
})

test('reads what people type, and nothing else', () => {
  expect(parsePorts('1/1-1/3')).toEqual(['1/1', '1/2', '1/3'])
  expect(parsePorts('1/1,3')).toEqual(['1/1', '1/3'])
  expect(parsePorts('1/1-2/3')).toBeNull()
  expect(parsePorts('3')).toBeNull()
})

test('port names: any case, any unambiguous beginning', () => {
  for (const text of ['TenGigabitEthernet 1/3', 'te1/3', 'Te 1/3', 'tengig 1/3']) {
    expect(parsePortName(text)).toEqual({ type: 'tengigabitethernet', port: '1/3' })
  }
  expect(parsePortName('Fo 1/49')?.type).toBe('fortyGigE')
  for (const text of ['t 1/3', 'eth 1/3', '1/3', 'te 3', 'te 1/3-5']) expect(parsePortName(text)).toBeNull()
  expect(['1/10', '1/9', '1/2'].sort(comparePorts)).toEqual(['1/2', '1/9', '1/10'])
})
