import type { SwitchServer } from '../../lab/switch/server.ts'
import type { Force10Tor } from '../../lab/tor/force10.ts'
import type { Lab } from '../../lab/types.ts'

/** A Force10 of a rack from inside, by its management address. */
export function force10At({ switches }: Lab, address: string | undefined): SwitchServer {
  const found = [...switches.values()].find((one) => one.address === address)
  // in the lab the type of the rack file says which of them it is
  if (found?.type === 'Force10') return (found as Force10Tor).server
  throw new Error(`the lab has no Force10 at ${address}`)
}
