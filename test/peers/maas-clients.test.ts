import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KEY, type MaasRoom, maasRoom } from '../../lab/maas/test-support/room.ts'

const LIFE = fileURLToPath(new URL('support/maas/life.py', import.meta.url))
const PYTHON = process.env.PYTHON ?? 'python3'
const MISSING =
  'this test drives the lab with python-libmaas, which is not here: install python3 and then ' +
  '"python3 -m pip install python-libmaas" (or name an interpreter that has it in PYTHON)'

let room: MaasRoom
beforeEach(async () => {
  // 1 s is 5 virtual minutes: a deployment takes about two seconds.
  room = await maasRoom(300)
})
afterEach(() => room.stop())

describe("python-libmaas takes the lab's MAAS for a real one", () => {
  test('it logs in, lists machines, creates a bond, deploys and releases', async () => {
    for (const name of ['r1-h1', 'r1-h2']) room.maas.preload(name, 'Ready')
    const { code, lines, errors } = await python(LIFE, `${room.url}/`, KEY, 'r1-h1')
    expect(code, explained(errors)).toBe(0)
    expect(lines).toEqual([
      { step: 'login', user: 'admin' },
      { step: 'list', hostnames: ['r1-h1', 'r1-h2'] },
      { step: 'allocate', status: 'ALLOCATED' },
      { step: 'bond', type: 'bond', mac: '06:aa:bb:00:00:01', parents: ['eno1'] },
      { step: 'deploy', status: 'DEPLOYED', power: 'on' },
      { step: 'release', status: 'READY' },
    ])
    const machine = room.world.machine('r1-h1')
    expect(machine.power()).toBe('off')
    expect(machine.installedFiles()).toBeNull()
  }, 60_000)
})

function explained(errors: string): string {
  return /ENOENT|No module named/.test(errors) ? MISSING : errors
}

function python(...args: string[]): Promise<{ code: number; lines: unknown[]; errors: string }> {
  return new Promise((resolve) => {
    const child = spawn(PYTHON, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 50_000 })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk) => {
      output += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    child.on('error', (error) => resolve({ code: 127, lines: [], errors: String(error) }))
    child.on('close', (code) => {
      const lines = output.split('\n').filter((line) => line !== '')
      resolve({ code: code ?? 1, lines: lines.map((line): unknown => JSON.parse(line)), errors })
    })
  })
}
