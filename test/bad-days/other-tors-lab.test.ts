import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LabFacts } from '../../lab/facts.ts'
import { startLab } from '../../lab/lab.ts'
import type { RackFile } from '../../lab/rack-file.ts'
import { control } from '../../lab/test-client.ts'
import type { Lab } from '../../lab/types.ts'

/** Two other makes in the second rack, over a restart of the lab. */

const SITE = 20 + (process.pid % 19)
const MAKES = { 'r2-tor1': 'sonic', 'r2-tor2': 'os10' } as const

let folder: string
let lab: Lab
const start = (tors?: Record<string, 'eos' | 'sonic' | 'os10'>) =>
  startLab({ site: SITE, seed: 7, timeScale: 100_000, racks: ['r2'], dataDir: folder, tors })
const ask = <T>(method: string, path: string, body?: unknown) =>
  control<T>({ control: lab.facts().control } as LabFacts, method, path, body)
const host = async (name: string) =>
  (await ask<{ port: string; host: string | null }[]>('GET', `/switches/${name}/ports`)).find(
    (one) => one.host === 'r2-h3',
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferrule-tors-'))
  lab = await start(MAKES)
})
afterAll(async () => {
  await lab.stop()
  await rm(folder, { recursive: true })
})

test('paper and rack file name their types, ports and keys', async () => {
  expect(lab.facts().switches).toMatchObject([
    { name: 'r2-tor1', type: 'RESTCONF', fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}/) },
    { name: 'r2-tor2', type: 'OS10-CLI', fingerprint: expect.stringMatching(/^SHA256:/) },
  ])
  const { racks } = await ask<RackFile>('GET', '/rack-file')
  expect(racks.map(({ l2Switch }) => l2Switch.fingerprint)).toEqual(
    lab.facts().switches.map(({ fingerprint }) => fingerprint),
  )
  expect(racks.map(({ hosts }) => hosts.map(({ port }) => port).slice(0, 3))).toEqual([
    ['Ethernet0', 'Ethernet4', 'Ethernet8'],
    ['ethernet1/1/1', 'ethernet1/1/3', 'ethernet1/1/5'],
  ])
})

test('the control API: ports with their hosts, dials at rest and set, a reboot', async () => {
  const atRest = { enabled: true, untagged: 10, tagged: [] }
  expect(await host('r2-tor1')).toMatchObject({ port: 'Ethernet8', running: atRest, startup: atRest })
  expect(await host('r2-tor2')).toMatchObject({ port: 'ethernet1/1/3', running: atRest, startup: atRest })
  const dials = await ask<Record<string, Record<string, unknown>>>('GET', '/faults')
  expect(dials['switch/r2-tor1']).toMatchObject({ down: false, okButNothing: 0, saveLies: false })
  expect(dials['switch/r2-tor2']).toMatchObject({ down: false, otherHostKey: false, loginMs: 0 })
  await ask('PUT', '/faults/switch/r2-tor1', { down: true })
  const { port, address } = lab.switches.get('r2-tor1') ?? {}
  await expect(fetch(`https://${address}:${port}/`)).rejects.toThrow()
  await expect(ask('PUT', '/faults/switch/r2-tor2', { fault: 'every' })).rejects.toThrow(/no dial .*fault/)
  await ask('DELETE', '/faults')
  for (const [name, port] of [
    ['r2-tor1', 'Ethernet8'],
    ['r2-tor2', 'ethernet1/1/3'],
  ] as const) {
    await ask('POST', `/switches/${name}/ports/${encodeURIComponent(port)}/foreign-edit`, { vlan: 999 })
    expect(await host(name)).toMatchObject({ running: { ...atRest, untagged: 999 }, startup: atRest })
  }
  const links: string[] = []
  lab.fabric.onChange((cable) =>
    links.push(`${cable.port} ${lab.fabric.membership(cable).enabled ? 'up' : 'down'}`),
  )
  await ask('POST', '/switches/r2-tor2/reboot')
  expect(links.filter((one) => one.startsWith('ethernet1/1/3 '))).toEqual([
    'ethernet1/1/3 down',
    'ethernet1/1/3 up',
  ])
  expect(await host('r2-tor2')).toMatchObject({ running: atRest })
})

test('a restart of the lab: the same makes, keys and configurations; other makes are refused', async () => {
  const before = lab.facts().switches
  const tor = lab.switches.get('r2-tor1')
  await lab.stop()
  lab = await start()
  expect(lab.facts().switches).toEqual(before)
  expect(lab.switches.get('r2-tor1')?.snapshot()).toEqual(tor?.snapshot())
  await lab.stop()
  await expect(start({ 'r2-tor1': 'eos' })).rejects.toThrow(/"r2-tor1":"sonic".*another folder/)
  lab = await start(MAKES)
})
