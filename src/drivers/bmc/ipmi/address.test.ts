import { expect, test } from 'vitest'
import { parseBmcAddress } from './address.ts'

test.each([
  ['10.0.0.1', '10.0.0.1', 623, '10.0.0.1:623'],
  ['10.0.0.1:6623', '10.0.0.1', 6623, '10.0.0.1:6623'],
  [' BMC-1.rack.example ', 'bmc-1.rack.example', 623, 'bmc-1.rack.example:623'],
  ['bmc:1', 'bmc', 1, 'bmc:1'],
  ['2001:DB8::1', '2001:db8::1', 623, '[2001:db8::1]:623'],
  ['[2001:db8::1]', '2001:db8::1', 623, '[2001:db8::1]:623'],
  ['[2001:db8::1]:65535', '2001:db8::1', 65535, '[2001:db8::1]:65535'],
])('%s', (text, host, port, key) => {
  expect(parseBmcAddress(text)).toEqual({ host, port, key })
})

test.each([
  '',
  ':623',
  '10.0.0.1:0',
  '10.0.0.1:65536',
  '10.0.0.1:',
  '10.0.0.256',
  '10.0.0',
  'a b',
  'bmc:x',
  'http://bmc',
  '-bmc',
  '[10.0.0.1]:623',
  '[2001:db8::1',
  '2001:db8::1]:623',
  `${'a'.repeat(64)}.example`,
])('refuses "%s"', (text) => {
  expect(() => parseBmcAddress(text)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
})
