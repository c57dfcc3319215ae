import { expect, test } from 'vitest'
import { canonicalPort } from './ports.ts'

test.each(['Ethernet1', ' Ethernet1/1 ', 'Eth1/1/1', 'xe-0/0/1', 'ethernet-1/1', 'eth1/1:2'])(
  '%s',
  (name) => {
    expect(canonicalPort(name)).toBe(name.trim())
  },
)

test.each(['', '1/1', 'Ethernet1"]', 'Ethernet1</name>', 'Ethernet 1', "E'1", `E${'1'.repeat(64)}`])(
  '"%s" is none: it would be a key in XML, in a URL and in a path',
  (name) => {
    expect(() => canonicalPort(name)).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  },
)
