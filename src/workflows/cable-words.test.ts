import { expect, test } from 'vitest'
import {
  declaredWords,
  seenWords,
  strangerWords,
  toldWords,
  witnessAgainst,
  wrongCablesMessage,
} from './cable-words.ts'

const place = (port: string) => ({ switch: 'tor1', port })
const declared = (nic: string) => declaredWords(nic, '10.0.0.1:8008', '1/1')
const heard = (nic: string) => `${declared(nic)}, ${seenWords(place('1/2'), place('1/1'))}`
const learned = (nic: string) => `${declared(nic)}, ${toldWords({ ...place('1/2'), by: 'fdb' })}`
const stranger = (nic: string) =>
  `${declared(nic)}, ${strangerWords('lldp', '02:00:00:00:00:01', 'tor1', '1/2')}`

test.each([
  ['what its own LLDP saw', [heard('eno1')], 'machine'],
  ['what a switch has learned', [learned('eno1')], 'switch'],
  ['who else is heard there', [stranger('eno1')], 'switch'],
  ['both', [heard('eno1'), learned('eno1')], 'switch'],
  ['another NIC alone', [learned('eno10'), heard('beno1')], null],
  ['another NIC too', [heard('eno10'), learned('eno1')], 'switch'],
] as const)('whose word it was, of %s', (_what, faults, witness) => {
  expect(witnessAgainst(wrongCablesMessage('r1-h1', faults), 'eno1')).toBe(witness)
})
