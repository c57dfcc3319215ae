import { expect, test } from 'vitest'
import { parseMacTable } from '../mac-table.ts'
import { macTableIn } from './mac-table.ts'
import { parseReply } from './reply.ts'

const learned = (data: string) =>
  parseMacTable(macTableIn(parseReply(`<rpc-reply message-id="1"><data>${data}</data></rpc-reply>`).data))
const instance = (table: string) =>
  `<oc:network-instances><oc:network-instance><oc:name>default</oc:name><oc:fdb>${table}</oc:fdb></oc:network-instance></oc:network-instances>`
const entry = (mac: string, vlan: string, rest: string) =>
  `<entry><mac-address>${mac}</mac-address><vlan>${vlan}</vlan><state><mac-address>${mac}</mac-address><vlan>${vlan}</vlan><entry-type>DYNAMIC</entry-type></state>${rest}</entry>`
const at = (port: string) =>
  `<interface><interface-ref><state><interface>${port}</interface><subinterface>0</subinterface></state></interface-ref></interface>`

test('one address and several, under whatever prefixes; one of the switch itself has no port', () => {
  const first = entry('52:54:00:AA:BB:01', '10', at('Ethernet1'))
  const one = { port: 'Ethernet1', mac: '52:54:00:aa:bb:01', vlan: 10 }
  expect(learned(instance(`<mac-table><entries>${first}</entries></mac-table>`))).toEqual([one])
  const others = `${entry('52:54:00:aa:bb:02', '20', at('Ethernet2'))}${entry('52:54:00:aa:bb:03', '20', '')}`
  expect(learned(instance(`<mac-table><entries>${first}${others}</entries></mac-table>`))).toEqual([
    one,
    { port: 'Ethernet2', mac: '52:54:00:aa:bb:02', vlan: 20 },
  ])
})

test.each([
  ['no data', ''],
  ['no entries', instance('<mac-table/>')],
  ['an empty list', instance('<mac-table><entries/></mac-table>')],
])('%s: nothing was learned', (_name, data) => {
  expect(learned(data)).toEqual([])
})

test('an entry without its VLAN is an error, and never read as one of another', () => {
  const table = `<mac-table><entries><entry><mac-address>52:54:00:aa:bb:01</mac-address>${at('Ethernet1')}</entry></entries></mac-table>`
  expect(() => learned(instance(table))).toThrow(/MAC addresses are not as the model has them .*vlan/)
})
