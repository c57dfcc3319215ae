import type { Schemas } from '../api/client.ts'

type Cable = Schemas['RackCables']['cables'][number]

/** A cable that was seen elsewhere than its rack file says; what was not heard lies about nothing. */
export function isLie({ verdict }: Cable): boolean {
  return verdict === 'swapped' || verdict === 'elsewhere'
}
