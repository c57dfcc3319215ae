/**
 * Adds up what the suites of .ci/run did: `node scripts/ci-sum.mjs RESULTS`, where RESULTS/suites.tsv has a line per
 * suite (name, kind, exit status, report files). Prints each test that failed with the first lines of its reason, a line
 * per suite and, last, "N passed, N failed".
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const results = process.argv[2]
const counters = { vitest, junit, steps, results: figures }
const total = { passed: 0, failed: 0 }

const list = join(results, 'suites.tsv')
const suites = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : []
if (suites.length === 0) total.failed += 1
const lines = []
for (const line of suites) {
  const [name, kind, code, reports] = line.split('\t')
  const { passed, failed, note } = countSuite(kind, Number(code), reports.split(','))
  total.passed += passed
  total.failed += failed
  lines.push(`${name.padEnd(14)} ${passed} passed, ${failed} failed${note ? ` (${note})` : ''}`)
}
for (const line of lines) console.log(line)
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1

/** A suite fails at least once if it ended badly, left no report, or ran nothing. */
function countSuite(kind, code, reports) {
  const sum = { passed: 0, failed: 0, note: '' }
  if (kind === 'command')
    return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, note: `exit ${code}` }
  for (const report of reports) {
    const { passed, failed, note } = countReport(kind, report)
    sum.passed += passed
    sum.failed += failed
    sum.note ||= note
  }
  if (code !== 0 && sum.failed === 0) return { ...sum, failed: 1, note: `exit ${code}` }
  return sum
}

function countReport(kind, report) {
  try {
    const { passed, failed } = counters[kind](readFileSync(join(results, report), 'utf8'))
    if (passed + failed === 0) return { passed: 0, failed: 1, note: `${report}: nothing ran` }
    return { passed, failed, note: '' }
  } catch (error) {
    return {
      passed: 0,
      failed: 1,
      note: error.code === 'ENOENT' ? `no ${report}` : `${report}: ${error.message}`,
    }
  }
}

/** A skipped test counts as failed: a test that never runs is none. A file that does not even load has no tests. */
function vitest(text) {
  const report = JSON.parse(text)
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  for (const file of broken) tell(file.name, file.message)
  for (const test of report.testResults.flatMap((file) => file.assertionResults))
    if (test.status !== 'passed') tell(test.fullName, test.failureMessages?.[0] ?? test.status)
  const skipped = report.numPendingTests + report.numTodoTests
  return { passed: report.numPassedTests, failed: report.numFailedTests + skipped + broken.length }
}

/** The end of a suite's log may not reach back to all of its failures. */
function tell(test, reason = '') {
  const words = reason.split('\n').filter((line) => line.trim() !== '')
  console.log(`FAILED ${test}`)
  for (const line of words.slice(0, 6)) console.log(`       ${line.trim().slice(0, 600)}`)
}

function junit(text) {
  const cases = text.match(/<testcase\b/g)?.length ?? 0
  const failed = text.match(/<(failure|error|skipped)\b/g)?.length ?? 0
  // One case may carry several failures.
  return { passed: Math.max(cases - failed, 0), failed }
}

/** The demo's `{ok, steps: [{ok}]}`. */
function steps(text) {
  const report = JSON.parse(text)
  for (const step of report.steps) if (!step.ok) tell(step.name, JSON.stringify(step.seen ?? ''))
  const passed = report.steps.filter((step) => step.ok).length
  const failed = report.steps.length - passed
  return { passed, failed: failed === 0 && !report.ok ? 1 : failed }
}

/** A benchmark's `{results: [{value}]}`: each figure that is a number has been measured. */
function figures(text) {
  const report = JSON.parse(text)
  const passed = report.results.filter((result) => Number.isFinite(result.value)).length
  return { passed, failed: report.results.length - passed }
}
