import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { checkConfig } from './config/load.ts'
import { type Changed, openProviderRoom } from './provider-room.ts'

let folder: string
let file: string
let maas: Server
let restarted: Changed[]
let noted: string[]
let note: (message: string) => Promise<void>

const text = `# ours
maas: { url: "http://127.0.0.1:1/MAAS", key: "env:OLD_KEY" }
network: { pxeVlan: 10, quarantineVlan: 999, vlanRange: { from: 100, to: 899 } }
`

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferrule-provider-'))
  file = join(folder, 'ferrule.yaml')
  await writeFile(file, text, { mode: 0o640 })
  // of MAAS only what a connection is tried with
  maas = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const version = { version: '3.5.3', subversion: '', capabilities: [] }
    const whoami = { username: 'ferrule', email: '', is_superuser: true }
    response.end(JSON.stringify(request.url?.includes('/version/') ? version : whoami))
  })
  await new Promise<void>((resolve) => maas.listen(0, '127.0.0.1', resolve))
  restarted = []
  noted = []
  note = async (message) => {
    noted.push(message)
  }
})
afterEach(async () => {
  maas.closeAllConnections()
  await new Promise((resolve) => maas.close(resolve))
  await rm(folder, { recursive: true })
})

function room() {
  const env = { OLD_KEY: 'a:b:c', FERRULE_DATA_DIR: folder }
  const { config, faults } = checkConfig({ file, text, env })
  if (config === undefined) throw new Error(JSON.stringify(faults))
  return openProviderRoom({
    ...{ config, env, failure: null },
    restart: (changed) => restarted.push(changed),
    note: (message) => note(message),
  })
}

const keys = () => readdir(join(folder, 'provider-keys')).catch(() => [])

test('a change is in the file, noted, and in effect with the start that follows', async () => {
  const provider = room()
  const { revision } = await provider.view()
  const changes = [{ name: 'network.pxeVlan', value: 12 }]
  const plan = await provider.apply({ revision, changes }, 'ada')
  expect(plan).toMatchObject({ restarts: true, maas: null })
  expect(await readFile(file, 'utf8')).toBe(text.replace('pxeVlan: 10', 'pxeVlan: 12'))
  expect(noted).toEqual([`ada changed the settings in ${file}`])
  expect(restarted).toHaveLength(1)
  await expect(provider.apply({ revision, changes }, 'bob')).rejects.toThrow(/has been changed since/)
})

test('a change that nobody could find again is taken back, and its key with it', async () => {
  const lost = new Error('the database is gone')
  note = vi.fn(() => Promise.reject(lost))
  const provider = room()
  const { revision } = await provider.view()
  const { port } = maas.address() as AddressInfo
  const changes = [
    { name: 'maas.url', value: `http://127.0.0.1:${port}/MAAS` },
    { name: 'maas.key', value: 'new:key:secret' },
  ]
  expect((await provider.plan({ revision, changes })).restarts).toBe(true)
  await expect(provider.apply({ revision, changes }, 'ada')).rejects.toBe(lost)
  expect(note).toHaveBeenCalledOnce()
  expect(await readFile(file, 'utf8')).toBe(text)
  expect(await keys()).toEqual([])
  expect(restarted).toEqual([])
  expect((await provider.view()).revision).toBe(revision)
})

test('a file that Ferrule could not be started with is put back', async () => {
  const provider = room()
  const { revision } = await provider.view()
  const { port } = maas.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/MAAS`
  const changes = [
    { name: 'maas.url', value: url },
    { name: 'maas.key', value: 'new:key:secret' },
  ]
  await provider.apply({ revision, changes }, 'ada')
  const [key = ''] = await keys()
  expect(await readFile(file, 'utf8')).toContain(key)
  expect(await readFile(join(folder, 'provider-keys', key), 'utf8')).toBe('new:key:secret\n')
  await restarted[0]?.undo()
  expect(await readFile(file, 'utf8')).toBe(text)
  expect(await keys()).toEqual([])
})
