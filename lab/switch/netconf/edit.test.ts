import { describe, expect, test } from 'vitest'
import { factoryPort } from '../switchport/config.ts'
import { elementsOf } from './data.ts'
import { edit, NETCONF, type Operation } from './edit.ts'
import { element, parseMessage, written } from './element.ts'
import { filtered } from './filter.ts'
import { configOf, dataOf } from './openconfig.ts'
import type { RpcError } from './rpc-error.ts'
import { OC_ETHERNET, OC_INSTANCE, OC_INTERFACES, OC_VLAN } from './schema.ts'

const before = {
  vlans: new Map([
    [1, { name: 'default' }],
    [10, { name: 'pxe' }],
    [20, { name: 'blue' }],
  ]),
  ports: new Map([
    ['Ethernet1', { ...factoryPort(), access: 10, description: 'db<1>' }],
    ['Ethernet2', { ...factoryPort(), mode: 'trunk' as const, native: 10, allowed: new Set([10, 20]) }],
    ['Ethernet3', { ...factoryPort(), switchport: false }],
  ]),
}

const xml = (text: string) => {
  const root = parseMessage(`<config xmlns="${NETCONF}" xmlns:nc="${NETCONF}">${text}</config>`)
  if (root === null) throw new Error(`no XML: ${text}`)
  return root
}
const ports = (text: string) => `<interfaces xmlns="${OC_INTERFACES}">${text}</interfaces>`
const vlansOf = (port: string, text: string, how = '') =>
  ports(
    `<interface><name>${port}</name><ethernet xmlns="${OC_ETHERNET}"><switched-vlan xmlns="${OC_VLAN}"><config${how}>${text}</config></switched-vlan></ethernet></interface>`,
  )
const made = (text: string) =>
  `<network-instances xmlns="${OC_INSTANCE}"><network-instance><name>default</name><vlans>${text}</vlans></network-instance></network-instances>`
const how = (operation: string) => ` nc:operation="${operation}"`

function edited(text: string, operation: Operation = 'merge') {
  const data = dataOf(before)
  edit(data, xml(text), operation)
  return configOf(data, before, [150])
}

/** Of what it takes: the tag and what is said. */
function refusal(text: string, operation: Operation = 'merge'): string {
  try {
    edited(text, operation)
  } catch (error) {
    const { tag, message } = error as RpcError
    return `${tag}: ${message}`
  }
  return 'taken'
}

const port = (name: string, config: ReturnType<typeof edited>) => {
  const one = config.ports.get(name)
  return one && { ...one, allowed: one.allowed.size > 4000 ? 'every' : [...one.allowed] }
}

test('a configuration that nobody edits is the same one', () => {
  expect(edited('')).toEqual(before)
})

describe('operations', () => {
  test('merge puts beside what is there, replace in its place', () => {
    const trunk = '<interface-mode>TRUNK</interface-mode><trunk-vlans>20</trunk-vlans>'
    expect(port('Ethernet1', edited(vlansOf('Ethernet1', trunk)))).toMatchObject({
      ...{ mode: 'trunk', access: 10, native: 1, allowed: [20], description: 'db<1>' },
    })
    expect(port('Ethernet2', edited(vlansOf('Ethernet2', '<trunk-vlans>1</trunk-vlans>')))).toMatchObject({
      allowed: [10, 20, 1],
    })
    const replaced = edited(vlansOf('Ethernet2', '<trunk-vlans>1</trunk-vlans>', how('replace')))
    expect(port('Ethernet2', replaced)).toMatchObject({ mode: 'access', native: 1, allowed: [1] })
  })

  test('what is gone is as from the factory: a trunk without a list carries every VLAN', () => {
    const gone = edited(
      vlansOf(
        'Ethernet2',
        ['10', '20'].map((vlan) => `<trunk-vlans${how('delete')}>${vlan}</trunk-vlans>`).join(''),
      ),
    )
    expect(port('Ethernet2', gone)).toMatchObject({ mode: 'trunk', native: 10, allowed: 'every' })
    const whole = edited(ports(`<interface${how('remove')}><name>Ethernet2</name></interface>`))
    expect(port('Ethernet2', whole)).toMatchObject({ mode: 'access', access: 1, allowed: 'every' })
  })

  test('a range of trunk-vlans, a new VLAN and a port in it, in one edit', () => {
    const text = made(
      '<vlan><vlan-id>30</vlan-id><config><vlan-id>30</vlan-id><name>green</name></config></vlan>',
    )
    const config = edited(text + vlansOf('Ethernet1', '<access-vlan>30</access-vlan>'))
    expect(config.vlans.get(30)).toEqual({ name: 'green' })
    expect(port('Ethernet1', config)).toMatchObject({ access: 30 })
    const four = [10, 11, 12, 13].map((vlan) => `<vlan><vlan-id>${vlan}</vlan-id></vlan>`).join('')
    expect(
      port('Ethernet2', edited(made(four) + vlansOf('Ethernet2', '<trunk-vlans>10..13</trunk-vlans>'))),
    ).toMatchObject({
      allowed: [10, 20, 11, 12, 13],
    })
  })

  test.each<[string, string, RegExp, Operation?]>([
    [
      'create of what is there',
      vlansOf('Ethernet1', `<access-vlan${how('create')}>20</access-vlan>`),
      /^data-exists/,
    ],
    [
      'create of an entry that is there',
      made(`<vlan${how('create')}><vlan-id>20</vlan-id></vlan>`),
      /^data-exists.*vlan-id='20'/,
    ],
    [
      'delete of what is not there',
      vlansOf('Ethernet1', `<trunk-vlans${how('delete')}>20</trunk-vlans>`),
      /^data-missing/,
    ],
    [
      'delete of an entry that is not there',
      made(`<vlan${how('delete')}><vlan-id>77</vlan-id></vlan>`),
      /^data-missing/,
    ],
    [
      'default operation none, where nothing is',
      made('<vlan><vlan-id>77</vlan-id></vlan>'),
      /^data-missing/,
      'none',
    ],
    ['remove of what is not there', made(`<vlan${how('remove')}><vlan-id>77</vlan-id></vlan>`), /^taken/],
    ['an operation that is none', vlansOf('Ethernet1', '', how('destroy')), /^bad-attribute/],
    ['a leaf that is none', vlansOf('Ethernet1', '<speed>1</speed>'), /^unknown-element/],
    [
      'a leaf of another model',
      vlansOf('Ethernet1', '<access-vlan xmlns="urn:x">20</access-vlan>'),
      /^unknown-namespace/,
    ],
    ['an entry without its key', ports('<interface><config/></interface>'), /^missing-element/],
    ['a VLAN that is none', vlansOf('Ethernet1', '<access-vlan>4095</access-vlan>'), /^invalid-value/],
    [
      'a mode that is none',
      vlansOf('Ethernet1', '<interface-mode>HYBRID</interface-mode>'),
      /^invalid-value/,
    ],
    [
      'a VLAN that is not there',
      vlansOf('Ethernet1', '<access-vlan>77</access-vlan>'),
      /^invalid-value: VLAN 77 does not exist/,
    ],
    [
      'a VLAN that a port is in, deleted',
      made(`<vlan${how('delete')}><vlan-id>20</vlan-id></vlan>`),
      /^invalid-value: VLAN 20/,
    ],
    [
      'a VLAN of the switch itself',
      made('<vlan><vlan-id>150</vlan-id></vlan>'),
      /^operation-failed: VLAN 150/,
    ],
    [
      'a VLAN with the number of another',
      made('<vlan><vlan-id>30</vlan-id><config><vlan-id>31</vlan-id></config></vlan>'),
      /^invalid-value/,
    ],
    ['a port that is not there', vlansOf('Ethernet9', ''), /^invalid-value: There is no interface Ethernet9/],
    ['a routed port', vlansOf('Ethernet3', '<access-vlan>20</access-vlan>'), /^invalid-value: .*routed/],
  ])('%s', (_what, text, said, operation = 'merge') => {
    expect(refusal(text, operation)).toMatch(said)
  })
})

describe('subtree filters', () => {
  const get = (text: string) =>
    written(element('', 'data', filtered(elementsOf(dataOf(before)), xml(text).children)))

  test('a port by its name, and no other', () => {
    const one = get(ports('<interface><name>Ethernet1</name></interface>'))
    expect(one).toContain('<description>db&lt;1&gt;</description>')
    expect(one).toContain('<access-vlan>10</access-vlan>')
    expect(one).not.toContain('Ethernet2')
  })

  test('some parts of all ports, and a selection beside another', () => {
    const names = get(ports('<interface><name/></interface>'))
    expect(names.match(/<name>[^<]+/g)).toEqual(['<name>Ethernet1', '<name>Ethernet2', '<name>Ethernet3'])
    expect(names).not.toContain('<config')
    const both = get(
      `${ports('<interface><name>Ethernet2</name><config/></interface>')}<vlans xmlns="${OC_VLAN}"/>`,
    )
    expect(both).toContain(
      '<name>Ethernet2</name><config><name>Ethernet2</name><enabled>true</enabled></config>',
    )
    expect(both).not.toContain('switched-vlan')
  })

  test.each([ports('<interface><name>Ethernet9</name></interface>'), '<interfaces xmlns="urn:x"/>', ''])(
    'what is not there: %s',
    (text) => {
      expect(get(text)).toBe('<data/>')
    },
  )
})
