import { FerruleError } from './errors.ts'

const MAC = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i

/** Lower case with colons: MAAS's MAC filter is case-sensitive and stores lower case. */
export function normaliseMac(text: string): string {
  if (!MAC.test(text.trim())) {
    throw new FerruleError(
      'invalid-input',
      `"${text}" is not a MAC address`,
      'Write six hex pairs, e.g. 52:54:00:aa:bb:01.',
    )
  }
  return text.trim().toLowerCase().replaceAll('-', ':')
}

export function isMac(text: string): boolean {
  return MAC.test(text.trim())
}

/**
 * A locally administered unicast MAC from random bytes, for NICs that no CloudStack allocated. The first byte 06 is
 * what CloudStack uses for guest NICs too.
 */
export function localMac(random: (bytes: number) => Uint8Array): string {
  const tail = [...random(5)].map((byte) => byte.toString(16).padStart(2, '0'))
  return ['06', ...tail].join(':')
}
