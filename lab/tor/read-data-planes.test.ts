import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readDataPlanes } from './read-data-planes.ts'

test('data planes as the file of the command line has them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-planes-'))
  const file = join(folder, 'planes.json')
  const read = (content: unknown) => {
    writeFileSync(file, JSON.stringify(content))
    return readDataPlanes(file)
  }
  try {
    const planes = { 'r1-tor1': { runFolder: '/run/openvswitch', bridge: 'br0', ports: { '1/1': 'swp1' } } }
    expect(read(planes)).toEqual(planes)
    expect(() => read({ 'r1-tor1': { bridge: 'br0', ports: {} } })).toThrow(/planes\.json: .*runFolder/s)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
