import { expect, test } from 'vitest'
import { colonMac } from './colon-mac.ts'

test.each(['0011.2233.AABB', '0011-2233-aabb', '00-11-22-33-AA-BB', '00:11:22:33:aa:bb', '00112233aabb'])(
  '%s is one address in each make’s words',
  (written) => {
    expect(colonMac(written)).toBe('00:11:22:33:aa:bb')
  },
)

// an EOS has been seen to leave a leading zero out
test.each(['', 'Ethernet1', '00c.297b.d2a8', '00:11:22:33:aa', '00:11:22:33:aa:bb:cc'])(
  '%j is none',
  (written) => {
    expect(colonMac(written)).toBeNull()
  },
)
