import { expect, test } from 'vitest'
import { parseCable } from './cable-spec.ts'

test('a cable is a NIC, a switch and a port', () => {
  expect(parseCable('mac=52:54:00:28:11:02, switch=10.0.0.3,port=1/7')).toEqual({
    mac: '52:54:00:28:11:02',
    switch: '10.0.0.3',
    port: '1/7',
  })
})

test.each(['', 'mac=52:54:00:28:11:02', 'mac=a,switch=b,port=', 'mac=a,switch=b,port=c,vlan=1', 'a,b,c'])(
  'what is no cable is refused with how it is written: %j',
  (text) => {
    expect(() => parseCable(text)).toThrow(`"${text}" is no cable`)
  },
)
