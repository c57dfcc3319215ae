import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FerruleError } from '../domain/errors.ts'
import { parsePayload } from './payload.ts'

/** Recorded from a CloudStack 4.22 management server that called an extension. */
const folder = join(import.meta.dirname, '../../test/fixtures/cloudstack')
const recorded = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
const ofVms = names.filter((name) => name !== 'unsupported-command.json')

describe.each(ofVms)('the recorded payload %s', (name) => {
  test('names its VM, with the NICs that CloudStack sends at that moment', () => {
    const vm = parsePayload(recorded(name))
    expect(vm).toMatchObject({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: expect.stringMatching(/^i-2-\d+-VM$/),
      cpuCount: 1,
      memoryMib: 512,
      architecture: 'amd64',
      image: 'ubuntu/jammy',
      dataDisks: 0,
    })
    const withNics = /^(prepare|create|create-isolated-vr|start|reboot)\.json$/.test(name)
    expect(vm.nics).toHaveLength(withNics ? 1 : 0)
    for (const nic of vm.nics) {
      expect(nic).toMatchObject({ isDefault: true, vlan: expect.any(Number) })
      // the network's uuid and the NIC's own are two
      expect(nic.id).not.toBe(nic.networkId)
      expect(nic.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
    }
  })

  test('means the same with text for every number and boolean', () => {
    const body = recorded(name)
    expect(parsePayload(mapped(body, (leaf) => (leaf === null ? leaf : String(leaf))))).toEqual(
      parsePayload(body),
    )
  })

  test('with any one field missing or null: understood, or refused with what is wrong', () => {
    const body = recorded(name)
    const paths = pathsOf(body)
    expect(paths.length).toBeGreaterThan(20)
    for (const path of paths)
      for (const value of [undefined, null]) {
        const changed = structuredClone(body)
        set(changed, path, value)
        try {
          expect(parsePayload(changed).uuid).toMatch(/^[0-9a-f-]{36}$/)
        } catch (error) {
          if (!(error instanceof FerruleError)) throw new Error(`${path.join('.')}: ${String(error)}`)
          expect(error.code).toBe('invalid-input')
          // these alone cannot be done without
          expect(path.join('.')).toMatch(/^virtualmachineid$|(nics|disks)\.0$|nics\.0\.(nicUuid|uuid|mac)$/)
        }
      }
  })
})

test('a command that no extension knows comes without a VM', () => {
  expect(() => parsePayload(recorded('unsupported-command.json'))).toThrow(/not what CloudStack writes/)
})

test.each([null, [], 'text', 17, { virtualmachineid: 17 }, { virtualmachineid: '' }])(
  'what is no payload at all is refused: %j',
  (body) => {
    expect(() => parsePayload(body)).toThrow(FerruleError)
  },
)

type Path = (string | number)[]

function mapped(value: unknown, leafOf: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => mapped(one, leafOf))
  if (typeof value !== 'object' || value === null) return leafOf(value)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapped(one, leafOf)]))
}

/** Of every object, list and leaf inside. */
function pathsOf(value: unknown, before: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => {
    const path = [...before, Array.isArray(value) ? Number(key) : key]
    return [path, ...pathsOf(one, path)]
  })
}

function set(body: unknown, path: Path, value: unknown): void {
  const last = path.at(-1) ?? ''
  // a path of this very body: every part but the last leads to an object or a list
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], body)
  if (value === undefined && !Array.isArray(parent)) delete (parent as Record<string, unknown>)[last]
  else (parent as Record<string, unknown>)[last] = value
}
