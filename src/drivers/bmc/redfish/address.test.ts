import { expect, test } from 'vitest'
import { parseRedfishAddress } from './address.ts'
import { otherSlash, pathOfLocation, pathOnHost } from './uri.ts'

test.each([
  ['10.0.0.7', '10.0.0.7', 443, '10.0.0.7'],
  ['BMC-7.example.org:8443', 'bmc-7.example.org', 8443, 'bmc-7.example.org:8443'],
  ['fe80::1', 'fe80::1', 443, '[fe80::1]'],
  ['[fe80::1]:8443', 'fe80::1', 8443, '[fe80::1]:8443'],
])('%s', (text, host, port, authority) => {
  expect(parseRedfishAddress(text)).toMatchObject({ host, port, authority })
})

test.each([
  '',
  '10.0.0.7:0',
  '10.0.0.7:70000',
  '[10.0.0.7]',
  'a b',
  'user@host',
  'https://10.0.0.7',
  '::1:443:x',
])('"%s" is no address', (text) => {
  expect(() => parseRedfishAddress(text)).toThrowError(expect.objectContaining({ code: 'invalid-input' }))
})

const base = 'https://10.0.0.7:443'

test.each([
  ['/redfish/v1/Systems/1', '/redfish/v1/Systems/1'],
  ['https://10.0.0.7/redfish/v1/', '/redfish/v1/'],
  ['/a/../../b?x=1#y', '/b?x=1'],
  ['https://10.0.0.8/redfish/v1/', undefined],
  ['http://10.0.0.7/redfish/v1/', undefined],
  ['//10.0.0.8/redfish', undefined],
  ['javascript:alert(1)', undefined],
])('a link to %s is %s on this BMC', (link, path) => {
  expect(pathOnHost(link, base)).toBe(path)
})

test('a Location may call this BMC what it likes', () => {
  expect(pathOfLocation('https://idrac.local/redfish/v1/Sessions/7', base)).toBe('/redfish/v1/Sessions/7')
  expect(pathOfLocation('file:///etc/passwd', base)).toBeUndefined()
})

test.each([
  ['/a', '/a/'],
  ['/a/', '/a'],
  ['/a?x=1', '/a/?x=1'],
])('%s and %s', (one, other) => {
  expect(otherSlash(one)).toBe(other)
})
