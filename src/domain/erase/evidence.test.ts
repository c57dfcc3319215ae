import { describe, expect, test } from 'vitest'
import type { InventoryDisk } from './disk-verdict.ts'
import { eraseCertificate, type JudgeInput, judgeErase, type ScriptEvidence } from './evidence.ts'
import { verifyScriptName } from './verify-script.ts'

const sda: InventoryDisk = { name: 'sda', serial: 'S1', size: 480e9 }
const sdb: InventoryDisk = { name: 'sdb', serial: 'S2', size: 480e9 }

function line(disk: InventoryDisk, change: Record<string, unknown> = {}): string {
  const good = {
    sampled: 128,
    nonzero: 0,
    unreadable: 0,
    readonly: false,
    first_mib_zero: true,
    last_mib_zero: true,
  }
  return JSON.stringify({
    disk: disk.name,
    serial: disk.serial,
    size: disk.size,
    ...good,
    offsets: [],
    ...change,
  })
}

function summary(change: Record<string, unknown> = {}): string {
  return JSON.stringify({
    summary: true,
    method: 'full',
    disks: 2,
    failed: 0,
    missing: [],
    passed: true,
    ...change,
  })
}

const wipe: ScriptEvidence = {
  name: 'wipe-disks',
  status: 'Passed',
  exitStatus: 0,
  output: 'All disks have been successfully wiped.',
}

function verified(...lines: string[]): ScriptEvidence {
  return { name: verifyScriptName, status: 'Passed', exitStatus: 0, output: lines.join('\n') }
}

const good: JudgeInput = {
  inventory: [sda, sdb],
  method: 'full',
  results: [wipe, verified(line(sda), line(sdb), summary())],
  resultsStarted: '2026-11-23T16:53:29.000Z',
  releaseStarted: '2026-11-23T16:53:29.400Z',
}

test('two disks that were read back as zero are proven', () => {
  const evidence = judgeErase(good)
  expect(evidence).toMatchObject({ proven: true, faults: [] })
  expect(evidence.disks[0]).toEqual({
    serial: 'S1',
    name: 'sda',
    size: 480e9,
    method: 'full',
    proven: true,
    reason: 'the whole disk was overwritten with zeroes: read back, known by serial S1',
    sampled: 128,
    nonZero: 0,
  })
})

const failedScript = (change: Partial<ScriptEvidence>) => [
  wipe,
  { ...verified(line(sda), line(sdb), summary()), ...change },
]

describe('nothing is proven', () => {
  test.each<[string, Partial<JudgeInput>, RegExp]>([
    ['by no result at all', { results: [] }, /no result of a release script/],
    ['by MAAS’s own word', { results: [wipe] }, /zz-ferrule-verify is not among/],
    ['by a script whose output MAAS lost', { results: failedScript({ output: '' }) }, /kept no output/],
    [
      'by a script that is pending',
      { results: failedScript({ status: 'Pending', exitStatus: null, output: '' }) },
      /is Pending/,
    ],
    [
      'by a script that failed',
      { results: failedScript({ status: 'Failed', exitStatus: 1 }) },
      /is Failed, exit status 1/,
    ],
    [
      'by a wipe that failed',
      { results: [{ ...wipe, status: 'Failed', exitStatus: 1 }, verified(line(sda), line(sdb), summary())] },
      /wipe-disks is Failed/,
    ],
    [
      'by a passed status beside an exit status',
      { results: failedScript({ exitStatus: 1 }) },
      /exit status 1/,
    ],
    ['by output that is cut short', { results: [wipe, verified(line(sda), line(sdb))] }, /cut short/],
    [
      'by a check for another method',
      { results: [wipe, verified(line(sda), line(sdb), summary({ method: 'quick' }))] },
      /for method quick, not full/,
    ],
    [
      'by a summary that contradicts the exit status',
      { results: [wipe, verified(line(sda), line(sdb), summary({ passed: false }))] },
      /contradict/,
    ],
    [
      'by the results of an earlier release',
      { releaseStarted: '2026-11-23T17:00:00.000Z' },
      /before this release/,
    ],
    ['by results that never started', { resultsStarted: null }, /never started/],
    ['about a machine without known disks', { inventory: [] }, /names no disk/],
  ])('%s', (_, change, fault) => {
    const evidence = judgeErase({ ...good, ...change })
    expect(evidence.proven).toBe(false)
    expect(evidence.faults.join('\n')).toMatch(fault)
    expect(evidence.disks.filter((disk) => disk.proven)).toEqual([])
  })
})

describe('a disk is not proven', () => {
  test.each<[string, string[], RegExp]>([
    ['that the script did not see', [line(sda)], /not seen by the verify script, looked for by serial S2/],
    ['that is read-only', [line(sda), line(sdb, { readonly: true })], /read-only/],
    [
      'whose first MiB is not zero',
      [line(sda), line(sdb, { first_mib_zero: false })],
      /first MiB is not zero/,
    ],
    [
      'whose last MiB cannot be read',
      [line(sda), line(sdb, { last_mib_zero: null })],
      /last MiB cannot be read/,
    ],
    ['with a place that is not zero', [line(sda), line(sdb, { nonzero: 3 })], /3 of 128 places are not zero/],
    [
      'with a place that cannot be read',
      [line(sda), line(sdb, { unreadable: 1 })],
      /1 of 128 places cannot be read/,
    ],
    ['of which nothing was read', [line(sda), line(sdb, { sampled: 0 })], /no place/],
    [
      'that has another size',
      [line(sda), line(sdb, { size: 240e9 })],
      /240000000000 bytes, but 480000000000/,
    ],
    ['that was seen twice', [line(sda), line(sdb), line(sdb)], /seen 2 times/],
    ['whose line is damaged', [line(sda), line(sdb).slice(0, 40)], /not seen/],
  ])('%s; its neighbour is', (_, lines, reason) => {
    const evidence = judgeErase({ ...good, results: [wipe, verified(...lines, summary())] })
    expect(evidence.proven).toBe(false)
    expect(evidence.disks.map((disk) => disk.proven)).toEqual([true, false])
    expect(evidence.disks[1]?.reason).toMatch(reason)
  })
})

test('disks without a serial, or with the same one, are told apart by name and size, and the reason says so', () => {
  const twins = [
    { ...sda, serial: '' },
    { ...sdb, serial: '' },
  ]
  const evidence = judgeErase({
    ...good,
    inventory: twins,
    results: [wipe, verified(...twins.map((disk) => line(disk)), summary())],
  })
  expect(evidence.proven).toBe(true)
  expect(evidence.disks[0]?.reason).toContain('known by name and size (it has no serial)')

  const same = [
    { ...sda, serial: 'X' },
    { ...sdb, serial: 'X' },
  ]
  const half = judgeErase({
    ...good,
    inventory: same,
    results: [wipe, verified(line({ ...sda, serial: 'X' }), summary())],
  })
  expect(half.disks.map((disk) => disk.proven)).toEqual([true, false])
  expect(half.disks[1]?.reason).toContain('serial X is not unique')
})

test('a serial with unusual characters is found as the script writes it', () => {
  const odd = { ...sda, serial: 'WD WCC/4E ' }
  const evidence = judgeErase({
    ...good,
    inventory: [odd],
    results: [wipe, verified(line({ ...odd, serial: 'WD_WCC_4E' }), summary())],
  })
  expect(evidence.proven).toBe(true)
})

test('a dirty disk outside of the inventory stops the certificate', () => {
  const stranger = line({ name: 'sdc', serial: 'S3', size: 1e12 }, { nonzero: 9 })
  const evidence = judgeErase({
    ...good,
    results: [wipe, verified(line(sda), line(sdb), stranger, summary())],
  })
  expect(evidence.proven).toBe(false)
  expect(evidence.faults).toEqual(['sdc (S3) is not in the inventory and is not erased'])
})

test('noise after a secure erase is unproven, and the reason says why', () => {
  const lines = [line(sda, { nonzero: 128 }), line(sdb), summary({ method: 'secure' })]
  const evidence = judgeErase({ ...good, method: 'secure', results: [wipe, verified(...lines)] })
  expect(evidence.disks[0]).toMatchObject({ proven: false, nonZero: 128 })
  expect(evidence.disks[0]?.reason).toContain('cannot be told from old data')
})

describe('the certificate', () => {
  const whose = {
    host: 'r1-h3',
    systemId: 'abc123',
    operation: 7,
    instanceId: 'i-1',
    at: '2026-11-23T17:00:00.000Z',
  }

  test('of a quick erase says plainly that the data is still there', () => {
    const lines = [line(sda, { nonzero: 90 }), line(sdb), summary({ method: 'quick' })]
    const certificate = eraseCertificate({
      ...whose,
      evidence: judgeErase({ ...good, method: 'quick', results: [wipe, verified(...lines)] }),
    })
    expect(certificate).toMatchObject({ proven: true, verdict: 'proven', method: 'quick' })
    expect(certificate.statement).toContain('only the first and the last MiB')
    expect(certificate.statement).toContain('still there')
    expect(certificate.disks[0]).toMatchObject({ proven: true, nonZero: 90 })
  })

  test('of an unproven erase carries the faults and survives JSON', () => {
    const certificate = eraseCertificate({ ...whose, evidence: judgeErase({ ...good, results: [wipe] }) })
    expect(certificate).toMatchObject({ ...whose, version: 1, proven: false, verdict: 'unproven' })
    expect(certificate.faults).toHaveLength(1)
    expect(JSON.parse(JSON.stringify(certificate))).toEqual(certificate)
  })
})
