import { expect, test } from 'vitest'
import { FerruleError } from '../../domain/errors.ts'
import { learnedOn } from './learned.ts'
import type { SwitchDevice } from './types.ts'

const table = [
  { port: 'Ethernet1', mac: '52:54:00:00:00:01', vlan: 10 },
  { port: 'Ethernet2', mac: '52:54:00:00:00:02', vlan: 10 },
  { port: 'Cpu', mac: '52:54:00:00:00:03', vlan: 10 },
]

/** A switch whose names are Ethernet and a number, Et for short. */
function device(extra: Partial<SwitchDevice>): { device: SwitchDevice; asked: string[] } {
  const asked: string[] = []
  const plain: Partial<SwitchDevice> = {
    canonicalPort: (port) => {
      const [, number] = /^(?:Et|Ethernet)(\d+)$/.exec(port) ?? []
      if (number === undefined) throw new FerruleError('invalid-input', `no port ${port}`, 'Correct it.')
      return `Ethernet${number}`
    },
    readFdb: async (port) => {
      asked.push(port)
      return table.filter((one) => one.port === port).map(({ mac, vlan }) => ({ mac, vlan }))
    },
    ...extra,
  }
  return { device: plain as SwitchDevice, asked }
}

test('one command for all ports where there is one: only the asked ones, under the names that were asked', async () => {
  const short = device({ readMacTable: async () => table })
  expect(await learnedOn(short.device, ['Et2', 'Et7'], [])).toEqual([
    { port: 'Et2', mac: '52:54:00:00:00:02', vlan: 10 },
  ])
  expect(short.asked).toEqual([])
})

test('one port after the other where a switch shows one at a time', async () => {
  const one = device({})
  expect(await learnedOn(one.device, ['Et1', 'Et2'], [])).toEqual([
    { port: 'Et1', mac: '52:54:00:00:00:01', vlan: 10 },
    { port: 'Et2', mac: '52:54:00:00:00:02', vlan: 10 },
  ])
  expect(one.asked).toEqual(['Ethernet1', 'Ethernet2'])
})

test('what a switch refuses is told and not taken for an empty table', async () => {
  const refusal = new FerruleError('switch-refused', 'it has no MAC table', 'Nothing can be done.')
  const silent = device({ readMacTable: () => Promise.reject(refusal) })
  await expect(learnedOn(silent.device, ['Et1'], [])).rejects.toThrow('it has no MAC table')
})
