import { expect, test } from 'vitest'
import { parseAnnouncements } from '../neighbours.ts'
import { lldpInterfacesIn } from './neighbours.ts'
import { parseReply } from './reply.ts'

const announced = (data: string) =>
  parseAnnouncements(
    lldpInterfacesIn(parseReply(`<rpc-reply message-id="1"><data>${data}</data></rpc-reply>`).data),
  )
const lldp = (interfaces: string) => `<oc:lldp><oc:interfaces>${interfaces}</oc:interfaces></oc:lldp>`
const neighbour = (id: string, type: string) =>
  `<neighbor><id>1</id><state><port-id>${id}</port-id><port-id-type>${type}</port-id-type><ttl>121</ttl></state></neighbor>`

test('one neighbour, and several ports, under whatever prefixes', () => {
  const first = `<interface><name>Ethernet1</name><neighbors>${neighbour('52:54:00:AA:BB:01', 'MAC_ADDRESS')}</neighbors></interface>`
  const second = `<interface><name>Ethernet2</name><neighbors>${neighbour('Ethernet7', 'INTERFACE_NAME')}</neighbors></interface>`
  const heard = [{ port: 'Ethernet1', mac: '52:54:00:aa:bb:01', ttl: 121 }]
  expect(announced(lldp(first))).toEqual(heard)
  expect(announced(lldp(first + second))).toEqual(heard)
})

test.each([
  ['no data', ''],
  ['no interfaces', '<lldp/>'],
  ['an empty list', lldp('')],
  ['a port without neighbours', lldp('<interface><name>Ethernet1</name><neighbors/></interface>')],
])('%s: nobody is heard', (_name, data) => {
  expect(announced(data)).toEqual([])
})
