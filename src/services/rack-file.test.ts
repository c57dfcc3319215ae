import { describe, expect, test } from 'vitest'
import { force10 } from '../drivers/switch/force10/driver.ts'
import { ovsdb } from '../drivers/switch/ovsdb/driver.ts'
import { parseRackFile } from './rack-file.ts'

const rules = { switchTypes: [force10, ovsdb], uplinks: { '10.0.0.2': ['1/49', 'Port-channel 1'] } }

/** The shape of CLOUDSTACK-9913, as an operator of the old plugin has it. */
const verbatim = `{
  "racks": [
    {
      "l2Switch": { "ip": "10.0.0.2", "username": "admin", "password": "secret", "type": "Force10" },
      "hosts": [
        { "mac": "52:54:00:aa:bb:01", "port": "1/1" },
        { "mac": "52:54:00:AA:BB:02", "port": "tengigabitethernet:1/2" }
      ]
    }
  ]
}`

function faultsOf(text: string, by: Parameters<typeof parseRackFile>[1] = rules) {
  const parsed = parseRackFile(text, by)
  return 'faults' in parsed ? parsed.faults : []
}

describe('a rack file', () => {
  test("in the design's own shape is accepted as it is", () => {
    expect(parseRackFile(verbatim, rules)).toMatchObject({
      file: { racks: [{ hosts: [{ port: '1/1' }, {}] }] },
    })
  })

  test('names LAGs only where the driver makes them', () => {
    const withRange = verbatim.replace('"hosts"', '"lagRange": { "from": 9, "to": 8 }, "hosts"')
    const problems = (types: object) =>
      faultsOf(withRange, { ...rules, switchTypes: [{ ...force10, ...types }] }).map(({ problem }) => problem)
    expect(problems({ createsLags: undefined })).toEqual([
      'from is larger than to',
      'the driver of Force10 makes no LAGs: leave lagRange out',
    ])
    expect(problems({ createsLags: true })).toEqual(['from is larger than to'])
  })

  test('names LAGs that people made only where they are read, and not as ports', () => {
    const inLag = (lag: string, type = 'OVS') =>
      verbatim
        .replaceAll(/"port": "[^"]+"/g, (port) => `${port}, "lag": "${lag}"`)
        .replace('"1/1"', '"eth1"')
        .replace('tengigabitethernet:1/2', 'eth2')
        .replace('"Force10"', `"${type}"`)
    const problems = (text: string, more: Partial<typeof rules> = {}) =>
      faultsOf(text, { ...rules, ...more }).map(({ problem }) => problem)
    expect(problems(inLag('bond0'))).toEqual([])
    expect(problems(inLag('eth1'))).toEqual(Array(2).fill('LAG eth1 is the port of a host too'))
    expect(problems(inLag('bond0'), { uplinks: { '10.0.0.2': ['bond0'] } as never })).toEqual(
      Array(2).fill("LAG bond0 is an uplink: it is never a host's"),
    )
    expect(problems(inLag('bond 0'))[0]).toMatch(/is not a port name/)
    expect(problems(inLag('bond0', 'Force10'))).toContain(
      'pre-made LAGs are read on OVS only, and this is Force10',
    )
  })

  test('tells every fault at once, each with its line and place', () => {
    const text = verbatim
      .replace('"Force10"', '"Cisco"')
      .replace('52:54:00:AA:BB:02', '52:54:00:aa:bb:01')
      .replace('tengigabitethernet:1/2', '1/1')
    expect(faultsOf(text)).toEqual([
      {
        line: 4,
        path: 'racks[0].l2Switch.type',
        problem: 'unknown switch type "Cisco"; known: Force10, OVS',
      },
      {
        line: 7,
        path: 'racks[0].hosts[1].mac',
        problem: 'MAC 52:54:00:aa:bb:01 is listed already at racks[0].hosts[0]',
      },
      {
        line: 7,
        path: 'racks[0].hosts[1].port',
        problem: 'port 1/1 of switch 10.0.0.2 is listed already at racks[0].hosts[0]',
      },
    ])
  })

  test('never takes an uplink for a host: neither one of the settings nor one of its own', () => {
    expect(faultsOf(verbatim.replace('"1/1"', '"Te 1/49"'))).toMatchObject([
      { line: 6, problem: expect.stringContaining('is an uplink') },
    ])
    expect(faultsOf(verbatim.replace('"1/1"', '"fortyGigE 1/49"'))).toMatchObject([{ line: 6 }])
    const own = verbatim.replace('"hosts":', '"uplinks": ["1/1"], "hosts":')
    expect(faultsOf(own)).toMatchObject([{ line: 6, problem: expect.stringContaining('is an uplink') }])
  })

  test('takes the port names of each type of switch', () => {
    const ovs = verbatim
      .replace('Force10', 'ovs')
      .replace('"1/1"', '"enp3s0f0"')
      .replace('tengigabitethernet:1/2', 'Enp3s0f0')
    expect(faultsOf(ovs)).toEqual([])
    expect(faultsOf(verbatim.replace('"1/1"', '"enp3s0f0"'))).toMatchObject([
      { line: 6, problem: expect.stringContaining('not a port name of a Force10 switch') },
    ])
    expect(faultsOf(ovs.replace('Enp3s0f0', 'a port'))).toMatchObject([
      { line: 7, problem: expect.stringContaining('not a port name of an Open vSwitch') },
    ])
  })

  test('that is no JSON, or has an unknown key, says where', () => {
    expect(faultsOf('{"racks": [')[0]).toMatchObject({ line: 1 })
    expect(faultsOf(verbatim.replace('"port": "1/1"', '"prot": "1/1"'))).toMatchObject([
      { line: 6, path: 'racks[0].hosts[0].port', problem: 'is missing' },
      { line: 6, path: 'racks[0].hosts[0]', problem: 'has no "prot"' },
    ])
  })
})
