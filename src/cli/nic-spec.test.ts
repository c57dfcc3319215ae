import { expect, test } from 'vitest'
import { parseNic } from './nic-spec.ts'

test('a NIC is a network, and may have a MAC, an id and the default mark', () => {
  expect(parseNic('network=blue')).toEqual({ network: 'blue' })
  expect(parseNic('network=blue, mac=02:00:00:00:00:01,default')).toEqual({
    network: 'blue',
    mac: '02:00:00:00:00:01',
    isDefault: true,
  })
  expect(parseNic('id=x,network=a=b')).toEqual({ network: 'a=b', id: 'x' })
})

test.each(['', 'blue', 'mac=02:00:00:00:00:01', 'network=', 'network=blue,speed=10'])(
  '"%s" is refused',
  (text) => {
    expect(() => parseNic(text)).toThrow(/NIC/)
  },
)
