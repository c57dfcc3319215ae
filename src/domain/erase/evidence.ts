import type { ErasePolicy } from '../offering.ts'
import { type DiskVerdict, type InventoryDisk, isDirty, judgeDisk, matches, promise } from './disk-verdict.ts'
import { readReadings } from './readings.ts'
import { verifyScriptName } from './verify-script.ts'

/** What MAAS kept of one release script. */
export interface ScriptEvidence {
  name: string
  status: string
  exitStatus: number | null
  output: string
}

export interface JudgeInput {
  inventory: readonly InventoryDisk[]
  method: ErasePolicy
  /** Of the newest release result set; empty if there is none. */
  results: readonly ScriptEvidence[]
  /** ISO 8601, when the result set began, and when this release was asked for; an older set proves nothing. */
  resultsStarted?: string | null
  releaseStarted?: string
}

export interface EraseEvidence {
  method: ErasePolicy
  proven: boolean
  disks: DiskVerdict[]
  /** What speaks against the whole; empty if proven. */
  faults: string[]
}

/**
 * Proven means: our own script, newer than the release, passed, read every disk of the inventory, and what the method
 * promises to be zero was zero. MAAS's own word ("All disks have been successfully wiped.") counts for nothing: it also
 * says so when every wipe failed.
 */
export function judgeErase(input: JudgeInput): EraseEvidence {
  const faults = faultsOfRun(input)
  const script = input.results.find((result) => result.name === verifyScriptName)
  const { readings, summary } = readReadings(script?.output ?? '')
  if (script && readings.length > 0 && !summary) faults.push('the output of the verify script is cut short')
  if (summary && summary.method !== input.method)
    faults.push(`the verify script ran for method ${summary.method}, not ${input.method}`)
  if (summary && summary.passed !== (script?.exitStatus === 0))
    faults.push('the verify script’s last line and its exit status contradict each other')
  if (input.inventory.length === 0) faults.push('the inventory names no disk, so that nothing can be proven')
  const disks = input.inventory.map((disk) => judgeDisk(disk, input, readings, faults))
  const strangers = readings.filter(
    (reading) => isDirty(reading, input.method) && !input.inventory.some((disk) => matches(disk, reading)),
  )
  faults.push(
    ...strangers.map(
      (reading) =>
        `${reading.disk} (${reading.serial || 'no serial'}) is not in the inventory and is not erased`,
    ),
  )
  return {
    method: input.method,
    proven: faults.length === 0 && disks.every((disk) => disk.proven),
    disks,
    faults,
  }
}

function faultsOfRun({ results, resultsStarted, releaseStarted }: JudgeInput): string[] {
  if (results.length === 0) return ['MAAS has no result of a release script for this erase']
  const script = results.find((result) => result.name === verifyScriptName)
  if (!script) return [`the verify script ${verifyScriptName} is not among the release scripts that MAAS ran`]
  const faults: string[] = []
  if (releaseStarted !== undefined && !(resultsStarted && isNotOlder(resultsStarted, releaseStarted))) {
    faults.push(
      resultsStarted
        ? `the results are of ${resultsStarted}, before this release`
        : 'the release scripts never started',
    )
  }
  const failed = results.filter((result) => result.status !== 'Passed' || (result.exitStatus ?? 0) !== 0)
  faults.push(
    ...failed.map(
      (result) =>
        `${result.name} is ${result.status}${result.exitStatus === null ? '' : `, exit status ${result.exitStatus}`}`,
    ),
  )
  if (script.exitStatus === null) faults.push(`${script.name} has no exit status`)
  if (script.output.trim() === '') faults.push(`MAAS kept no output of ${script.name}`)
  return faults
}

/** MAAS writes whole seconds. */
function isNotOlder(time: string, than: string): boolean {
  return Date.parse(time) >= Math.floor(Date.parse(than) / 1000) * 1000
}

/** What is kept, shown and handed out about one erase of one host. */
export interface EraseCertificate {
  version: 1
  host: string
  systemId: string
  /** Number of the operation. */
  operation: number
  /** The tenant's instance; null when a host is erased before its first tenant. */
  instanceId: string | null
  method: ErasePolicy
  proven: boolean
  verdict: 'proven' | 'unproven'
  /** One sentence for people: what the verdict means, and what it does not. */
  statement: string
  disks: DiskVerdict[]
  faults: string[]
  /** ISO 8601. */
  at: string
}

export function eraseCertificate(options: {
  host: string
  systemId: string
  operation: number
  instanceId: string | null
  evidence: EraseEvidence
  at: string
}): EraseCertificate {
  const { evidence, ...whose } = options
  return {
    version: 1,
    ...whose,
    method: evidence.method,
    proven: evidence.proven,
    verdict: evidence.proven ? 'proven' : 'unproven',
    statement: statement(options.host, evidence),
    disks: evidence.disks,
    faults: evidence.faults,
  }
}

function statement(host: string, { method, proven, disks }: EraseEvidence): string {
  if (!proven)
    return `The ${method} erase of ${host} is not proven: treat its disks as if they still held the data.`
  const many = disks.length === 1 ? 'its disk' : `each of its ${disks.length} disks`
  return `The ${method} erase of ${host} is proven by reading samples of ${many} back: ${promise[method]}.`
}
