import { eosCliTor, nxosTor, os10Tor } from './cli-tor.ts'
import { gnmiTor } from './gnmi-tor.ts'
import { eosTor, nvueTor, nxapiTor, sonicTor } from './https-tor.ts'
import { netconfTor } from './netconf-tor.ts'
import type { TorKind } from './tor-kind.ts'

/** Makes that a rack can have in place of Force10, by the word that asks for them. */
export const otherMakes = {
  eos: eosTor,
  sonic: sonicTor,
  os10: os10Tor,
  nxos: nxosTor,
  'eos-cli': eosCliTor,
  netconf: netconfTor,
  nxapi: nxapiTor,
  nvue: nvueTor,
  gnmi: gnmiTor,
} satisfies Record<string, TorKind>

export type TorMake = 'force10' | keyof typeof otherMakes

export function isTorMake(word: string): word is TorMake {
  return word === 'force10' || Object.hasOwn(otherMakes, word)
}

/** For whoever asks for another. */
export const torMakes: readonly TorMake[] = [
  'force10',
  'eos',
  'sonic',
  'os10',
  'nxos',
  'eos-cli',
  'netconf',
  'nxapi',
  'nvue',
  'gnmi',
]
