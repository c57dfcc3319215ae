import { expect, test } from 'vitest'
import { bridgeConfig, configuredPort, interfaceConfigs, notOurs } from './config.ts'
import { nvue } from './driver.ts'

const bridge = bridgeConfig.parse({ vlan: { '10': {}, '20-22': {} } })
const configs = interfaceConfigs.parse({
  swp1: { bridge: { domain: { br_default: { access: 10 } } } },
  swp2: { bridge: { domain: { br_default: { untagged: 100, vlan: { '100': {}, '200': {} } } } } },
  swp3: { bridge: { domain: { br_default: {} } }, link: { state: { down: {} } } },
  swp4: {
    bridge: { domain: { br_default: { untagged: 'none', vlan: { all: {} } } } },
    link: { state: 'up' },
  },
  swp5: { link: { state: 'down' } },
  swp6: { ip: { address: { '10.0.0.1/31': {} } } },
  bond1: { bond: { member: { swp7: {} } } },
})

test.each([
  ['swp1', { mode: 'access', untagged: 10, tagged: [], enabled: true }],
  ['swp2', { mode: 'trunk', untagged: 100, tagged: [200], enabled: true }],
  ['swp3', { mode: 'trunk', untagged: 1, tagged: [10, 20, 21, 22], enabled: false }],
  ['swp4', { mode: 'trunk', untagged: null, tagged: [10, 20, 21, 22], enabled: true }],
  ['swp5', { mode: 'access', untagged: null, tagged: [], enabled: false }],
  ['swp9', { mode: 'access', untagged: null, tagged: [], enabled: true }],
])('%s', (name, state) => {
  expect(configuredPort(configs[name], bridge)).toEqual(state)
})

test('members of bonds and routed ports are not ours', () => {
  expect(notOurs('swp7', configs)).toMatch(/member of bond1/)
  expect(notOurs('swp6', configs)).toMatch(/IP address/)
  expect(notOurs('swp1', configs)).toBe(null)
})

test('names keep their case, and are names of Linux', () => {
  expect(nvue.canonicalPort(' swp1s0 ')).toBe('swp1s0')
  for (const name of ['', '1', 'swp1/2', 'swp 1', 'a-name-that-is-too-long'])
    expect(() => nvue.canonicalPort(name)).toThrow(/not a port name/)
})
