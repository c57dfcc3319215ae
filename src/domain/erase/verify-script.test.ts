import { execFile } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { judgeErase } from './evidence.ts'
import { serialToken, verifyParameters, verifyScript, verifyScriptName } from './verify-script.ts'

// Each run starts some hundred short programs; a busy computer takes seconds for them.
vi.setConfig({ testTimeout: 30_000 })

const MIB = 1024 * 1024
const SIZE = 48 * MIB

interface FakeDisk {
  name: string
  serial: string
  size?: number
  readonly?: boolean
  type?: string
  /** lsblk names it, but there is nothing to open. */
  absent?: boolean
  /** Bytes that are not zero, by offset. */
  dirt?: Record<number, string>
}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferrule-verify-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the script for real: sparse files stand for the disks, and a stand-in lsblk names them. */
function verify(
  disks: FakeDisk[],
  args: string[],
): Promise<{ exit: number; lines: Record<string, unknown>[]; output: string }> {
  const rows = disks.map((disk) => {
    const path = join(folder, disk.name)
    const size = disk.size ?? SIZE
    const file = openSync(path, 'w')
    ftruncateSync(file, size)
    for (const [offset, text] of Object.entries(disk.dirt ?? {}))
      writeSync(file, Buffer.from(text), 0, text.length, Number(offset))
    closeSync(file)
    if (disk.absent) rmSync(path)
    return `NAME="${disk.name}" PATH="${path}" SERIAL="${disk.serial}" SIZE="${size}" RO="${disk.readonly ? 1 : 0}" TYPE="${disk.type ?? 'disk'}"`
  })
  writeFileSync(join(folder, 'rows'), rows.map((row) => `${row}\n`).join(''))
  const lsblk = `#!/bin/sh\n[ "$*" = '-dnbP -o NAME,PATH,SERIAL,SIZE,RO,TYPE' ] || exit 64\ncat '${folder}/rows'\n`
  writeFileSync(join(folder, 'lsblk'), lsblk)
  chmodSync(join(folder, 'lsblk'), 0o755)
  const script = join(folder, verifyScriptName)
  writeFileSync(script, verifyScript)
  return new Promise((resolve) => {
    execFile(
      'sh',
      [script, ...args],
      { env: { PATH: `${folder}:${process.env.PATH}`, TMPDIR: folder }, timeout: 20_000 },
      (error, stdout, stderr) => {
        const lines = stdout
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .map((line) => JSON.parse(line))
        resolve({ exit: error ? Number(error.code ?? 1) : 0, lines, output: stdout + stderr })
      },
    )
  })
}

describe('the verify script', () => {
  test('passes two blank disks whose serials are known', async () => {
    const { exit, lines } = await verify(
      [
        { name: 'sda', serial: 'S1' },
        { name: 'nvme0n1', serial: 'S2' },
      ],
      ['--serials=S1,S2', '--method=full', '--seed=7'],
    )
    expect(exit).toBe(0)
    expect(lines[0]).toMatchObject({
      disk: 'sda',
      serial: 'S1',
      size: SIZE,
      readonly: false,
      sampled: 96,
      nonzero: 0,
      first_mib_zero: true,
      last_mib_zero: true,
    })
    expect(lines[2]).toMatchObject({
      summary: true,
      method: 'full',
      disks: 2,
      failed: 0,
      missing: [],
      passed: true,
    })
  })

  test('sees old data in the middle of a disk after a full erase, and says where', async () => {
    // 1 MiB of data, wider than the distance of two evenly spread samples (768 KiB): it cannot fall between them.
    const { exit, lines } = await verify(
      [{ name: 'sda', serial: 'S1', dirt: { [20 * MIB]: 'x'.repeat(MIB) } }],
      ['--serials=S1', '--method=full'],
    )
    expect(exit).toBe(1)
    expect(lines[0]).toMatchObject({ first_mib_zero: true, last_mib_zero: true })
    const { nonzero, offsets } = lines[0] as { nonzero: number; offsets: number[] }
    expect(nonzero).toBeGreaterThan(0)
    for (const offset of offsets) expect(Math.floor(offset / MIB)).toBe(20)
  })

  test('a quick erase may leave the middle, but neither end', async () => {
    const middle = { [20 * MIB]: 'x'.repeat(MIB) }
    expect(
      (await verify([{ name: 'sda', serial: 'S1', dirt: middle }], ['--serials=S1', '--method=quick'])).exit,
    ).toBe(0)
    const atStart = await verify(
      [{ name: 'sda', serial: 'S1', dirt: { 510: 'U' } }],
      ['--serials=S1', '--method=quick'],
    )
    expect(atStart.exit).toBe(1)
    expect(atStart.lines[0]).toMatchObject({ first_mib_zero: false, last_mib_zero: true })
    const atEnd = await verify(
      [{ name: 'sda', serial: 'S1', dirt: { [SIZE - 1]: 'x' } }],
      ['--serials=S1', '--method=quick'],
    )
    expect(atEnd.exit).toBe(1)
    expect(atEnd.lines[0]).toMatchObject({ first_mib_zero: true, last_mib_zero: false })
  })

  test('reads to the last byte of a disk whose size is no multiple of 4 KiB', async () => {
    const size = SIZE + 512
    const { exit, lines } = await verify(
      [{ name: 'sda', serial: 'S1', size, dirt: { [size - 1]: 'x' } }],
      ['--serials=S1', '--method=quick'],
    )
    expect(exit).toBe(1)
    expect(lines[0]).toMatchObject({ size, last_mib_zero: false })
  })

  test('a blank disk that is read-only fails: its wipe was skipped', async () => {
    const { exit, lines } = await verify(
      [{ name: 'sda', serial: 'S1', readonly: true }],
      ['--serials=S1', '--method=quick'],
    )
    expect(exit).toBe(1)
    expect(lines[0]).toMatchObject({ readonly: true })
  })

  test('a serial of the inventory that no disk has fails', async () => {
    const { exit, lines } = await verify(
      [{ name: 'sda', serial: 'S1' }],
      ['--serials=S1,S2', '--method=full'],
    )
    expect(exit).toBe(1)
    expect(lines.at(-1)).toMatchObject({ missing: ['S2'], passed: false })
  })

  test('a serial with blanks survives the way through MAAS, which splits arguments at them', async () => {
    const disks = [{ name: 'sda', serial: ' WD WCC/4E ' }]
    expect((await verify(disks, ['--serials=WD', 'WCC/4E', '--method=full'])).exit).toBe(0)
    expect((await verify(disks, [`--serials=${serialToken('WD WCC/4E')}`, '--method=full'])).exit).toBe(0)
  })

  test('a disk that cannot be read fails', async () => {
    const { exit, lines } = await verify(
      [{ name: 'sda', serial: 'S1', absent: true }],
      ['--serials=S1', '--method=quick'],
    )
    expect(exit).toBe(1)
    expect(lines[0]).toMatchObject({ first_mib_zero: null, last_mib_zero: null, unreadable: 96 })
  })

  test('a machine without disks fails; a drive without a medium is none', async () => {
    const { exit, lines } = await verify(
      [{ name: 'sda', serial: '', size: 0 }],
      ['--serials=none', '--method=full'],
    )
    expect(exit).toBe(1)
    expect(lines).toEqual([expect.objectContaining({ summary: true, disks: 0, passed: false })])
  })

  test('optical drives and loop devices are no disks', async () => {
    const { exit, lines } = await verify(
      [
        { name: 'sda', serial: 'S1' },
        { name: 'sr0', serial: 'CD', type: 'rom', dirt: { 0: 'CD001' } },
      ],
      ['--serials=S1', '--method=full'],
    )
    expect(exit).toBe(0)
    expect(lines).toHaveLength(2)
  })

  test('another seed reads other places', async () => {
    // Every fourth block is dirty: how many of 64 places chosen by chance meet one differs with the seed.
    const blocks = Array.from({ length: SIZE / 65536 / 4 }, (_, index) => index * 4 * 65536)
    const dirt = Object.fromEntries(blocks.map((offset) => [offset, 'x']))
    const seen = async (seed: number) => {
      const { lines } = await verify(
        [{ name: 'sda', serial: 'S1', dirt }],
        ['--serials=S1', `--seed=${seed}`],
      )
      return lines[0]?.offsets
    }
    const first = await seen(1)
    expect(await seen(1)).toEqual(first)
    expect(await seen(20_261_123)).not.toEqual(first)
  })

  test('what it prints convinces the judge', async () => {
    const { exit, output } = await verify(
      [{ name: 'sda', serial: 'S1' }],
      ['--serials=S1', '--method=secure'],
    )
    const evidence = judgeErase({
      inventory: [{ name: 'sda', serial: 'S1', size: SIZE }],
      method: 'secure',
      results: [{ name: verifyScriptName, status: 'Passed', exitStatus: exit, output }],
    })
    expect(evidence).toMatchObject({ proven: true, faults: [] })
  })
})

describe('the script’s metadata', () => {
  const header =
    /# --- Start MAAS 1\.0 script metadata ---\n([\s\S]*?)# --- End MAAS 1\.0 script metadata ---/.exec(
      verifyScript,
    )?.[1] ?? ''
  const metadata = parse(header.replaceAll(/^# ?/gm, ''))

  test('is YAML as MAAS wants it', () => {
    expect(metadata).toMatchObject({ name: verifyScriptName, script_type: 'release', hardware_type: 'node' })
    for (const parameter of Object.values<{ type: string; argument_format: string; default: unknown }>(
      metadata.parameters,
    )) {
      expect(parameter.type).toBe('string')
      expect(parameter.argument_format).toContain('{input}')
      expect(typeof parameter.default).toBe('string')
    }
  })

  test('names every parameter that Ferrule sends, for this script alone', () => {
    const sent = verifyParameters({ serials: ['S1', ' a b ', ''], method: 'quick', seed: 42 })
    expect(sent).toEqual({
      'zz-ferrule-verify_serials': 'S1,a_b',
      'zz-ferrule-verify_method': 'quick',
      'zz-ferrule-verify_seed': '42',
    })
    const names = Object.keys(sent).map((name) => name.slice(verifyScriptName.length + 1))
    expect(names.sort()).toEqual(Object.keys(metadata.parameters).sort())
  })

  test('sorts after the wipe', () => {
    expect(['wipe-disks', verifyScriptName].sort()).toEqual(['wipe-disks', verifyScriptName])
  })
})
