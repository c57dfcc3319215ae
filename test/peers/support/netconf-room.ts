import { setTimeout as sleep } from 'node:timers/promises'
import { XMLParser } from 'fast-xml-parser'
import { openSwitchPorts } from '../../../src/drivers/switch/engine.ts'
import { netconf } from '../../../src/drivers/switch/openconfig/netconf/driver.ts'
import type { SwitchEndpoint, SwitchPorts } from '../../../src/drivers/switch/types.ts'
import { login, type NetconfSwitch } from './netconf-switch.ts'
import type { OpenConfigRoom } from './openconfig-room.ts'
import { fenceOf } from './switch-lease.ts'

const IANA = 'xmlns:ianaift="urn:ietf:params:xml:ns:yang:iana-if-type"'

export function openNetconf(
  at: NetconfSwitch,
  { requestMs = 2_500, ...more }: Partial<SwitchEndpoint> & { requestMs?: number } = {},
): SwitchPorts {
  return openSwitchPorts({
    id: 'tor1',
    driver: netconf,
    endpoint: { address: at.address, ...login, fingerprint: at.fingerprint, ...more },
    fence: fenceOf('Ethernet1', 'Ethernet2'),
    timeouts: { coalesceMs: 0, connectMs: 5_000, requestMs, readRetryMs: [] },
  })
}

/** What netconfd holds, read and written over a session of its own. */
export function netconfRoom(at: NetconfSwitch, target: 'candidate' | 'running'): OpenConfigRoom {
  const edit = async (config: string, tries = 20): Promise<void> => {
    const said = [
      await at.netconfd.ask(
        `<edit-config><target><${target}/></target><config>${config}</config></edit-config>`,
      ),
    ]
    // an open candidate belongs to whoever commits it
    if (target === 'candidate') said.push(await at.netconfd.ask('<commit/>'))
    if (said.every((reply) => reply.includes('<ok/>'))) return
    if (tries === 0) throw new Error(said.join())
    // netconfd has not noticed yet that a session before this one is over
    await sleep(100)
    return edit(config, tries - 1)
  }
  const access = (port: string, vlan: number) =>
    `<interface><name>${port}</name><config><name>${port}</name><type ${IANA}>ianaift:ethernetCsmacd</type><enabled>true</enabled><mtu>9100</mtu></config><ethernet xmlns="http://openconfig.net/yang/interfaces/ethernet"><switched-vlan xmlns="http://openconfig.net/yang/vlan"><config xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0" nc:operation="replace"><interface-mode>ACCESS</interface-mode><access-vlan>${vlan}</access-vlan></config></switched-vlan></ethernet></interface>`
  const interfaces = (inner: string) =>
    `<interfaces xmlns="http://openconfig.net/yang/interfaces">${inner}</interfaces>`
  return {
    carries: async (port) =>
      carried(await at.netconfd.ask('<get-config><source><running/></source></get-config>'), port),
    foreignEdit: (port, vlan, tries) => edit(interfaces(access(port, vlan)), tries),
    loseNextAnswer() {
      let committed = false
      at.toSwitch = (message) => {
        committed ||= /<commit\/>|<edit-config><target><running/.test(message)
        return [message]
      }
      at.toClient = (message, { cut }) => {
        if (!committed) return [message]
        at.toSwitch = (other) => [other]
        at.toClient = (other) => [other]
        cut()
        return []
      }
    },
    open: () => openNetconf(at),
    async reset() {
      at.toSwitch = (message) => [message]
      at.toClient = (message) => [message]
      at.old = false
      await edit(
        interfaces(['Ethernet1', 'Ethernet2', 'Ethernet3'].map((port) => access(port, 200)).join('')),
      )
    },
  }
}

const xml = new XMLParser({
  isArray: (name) => name === 'interface' || name === 'trunk-vlans',
  parseTagValue: false,
})

function carried(answer: string, port: string): string {
  const vlans = carriedIn(answer).get(port)
  if (!vlans) throw new Error(`netconfd has no ${port}: ${answer}`)
  return vlans.tagged.length === 0 ? String(vlans.untagged) : `${vlans.untagged} t${vlans.tagged}`
}

/** What an answer to get-config says that the ports carry. @throws Error if one has lost what is not ours to write */
export function carriedIn(answer: string): Map<string, { untagged: number; tagged: number[] }> {
  const { interface: all } = xml.parse(answer)['rpc-reply'].data.interfaces
  return new Map(
    all.map(
      (one: {
        name: string
        config?: { mtu?: string }
        ethernet?: { 'switched-vlan'?: { config?: Leaves } }
      }) => {
        const vlans = one.ethernet?.['switched-vlan']?.config
        if (one.config?.mtu !== '9100')
          throw new Error(`${one.name} has lost its MTU: ${JSON.stringify(one)}`)
        const trunk = vlans?.['interface-mode'] === 'TRUNK'
        const untagged = Number(vlans?.[trunk ? 'native-vlan' : 'access-vlan'])
        const listed = trunk ? (vlans?.['trunk-vlans'] ?? []).map(Number) : []
        return [one.name, { untagged, tagged: listed.filter((vlan) => vlan !== untagged) }]
      },
    ),
  )
}

interface Leaves {
  'interface-mode': string
  'access-vlan'?: string
  'native-vlan'?: string
  'trunk-vlans'?: string[]
}
