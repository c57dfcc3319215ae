import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { CleanUp } from './clean-up.ts'
import { median, type Result, report, table } from './report.ts'
import { firstPaint, openChromium, scrollFrames, showBareBox, timeUntil, visit } from './ui-browser.ts'
import { startUiSite, type UiSite } from './ui-site.ts'

/**
 * The web interface of a site with 10,000 hosts, in the system's Chromium with software rendering, against a daemon and a
 * PostgreSQL on the same cores.
 */
const HOSTS = 10_000
/** 60 frames a second. */
const FRAME_MS = 1000 / 60
const PIXELS_PER_FRAME = 120

const meaning = {
  first_paint_ms: 'from the address to the first text, with an empty cache (target: below 1000)',
  attention_ms: `until the front page shows what needs a person among ${HOSTS} hosts`,
  hosts_first_rows_ms: 'from the address of the host table to its first rows (target: below 1000)',
  hosts_all_ms: `until all ${HOSTS} are in it, page by page`,
  filter_ms: 'from a key in the filter to the rows that match',
  frame_median_ms: `a frame while the table of ${HOSTS} is scrolled by ${PIXELS_PER_FRAME} pixels a frame (60 a second: 16.7)`,
  frame_worst_ms: 'the longest of 100 frames at the 95th percentile',
  frames_late_percent: 'frames that took longer than two of 60 a second',
  frames_late_bare_percent:
    'the same of an empty box in the same window: what machine, browser and harness make late without any table',
  largest_answer_kib: 'of the API, before compression',
  largest_page_items: 'in one answer of the API: a page has at most 500',
  overview_ms: `median of GET /api/v1/overview, asked alone`,
  hosts_page_ms: `median of a page of 500 hosts, asked alone`,
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  })
  const cleanUp = new CleanUp()
  try {
    const dir = await cleanUp.folder()
    const site = await startUiSite(dir, HOSTS)
    cleanUp.add(site.stop)
    const browser = await openChromium()
    cleanUp.add(() => browser.close())
    const done = report('ui', await measure(site, browser, values.quick ? 3 : 10))
    process.stdout.write(values.json ? `${JSON.stringify(done)}\n` : table(done, meaning))
  } finally {
    await cleanUp.run()
  }
}

async function measure(site: UiSite, browser: Browser, turns: number): Promise<Result[]> {
  const address = `${site.url}/#token=${site.token}`
  const attention: { paint: number; shown: number }[] = []
  for (let turn = 0; turn < turns; turn++) {
    const { page, close } = await visit(browser)
    await page.goto(address, { waitUntil: 'commit' })
    attention.push({
      paint: await firstPaint(page),
      shown: await timeUntil(page, `document.querySelector('.queue li') !== null`),
    })
    await close()
  }

  const hosts: { first: number; all: number }[] = []
  const filters: number[] = []
  const frames: number[] = []
  const bare: number[] = []
  const answers: { bytes: number; items: number }[] = []
  for (let turn = 0; turn < turns; turn++) {
    const seat = await visit(browser)
    const { page } = seat
    await page.goto(`${site.url}/hosts#token=${site.token}`, { waitUntil: 'commit' })
    hosts.push({
      first: await timeUntil(page, `document.querySelectorAll('.table-place tbody tr').length > 5`),
      all: await timeUntil(page, `document.querySelector('main')?.textContent.includes('${HOSTS}')`),
    })
    frames.push(...(await scrollFrames(page, '.table-place', 100, PIXELS_PER_FRAME)))
    filters.push(await filterTime(page))
    answers.push(...seat.answers)
    await showBareBox(page, '.table-place')
    bare.push(...(await scrollFrames(page, '#bare', 100, PIXELS_PER_FRAME)))
    await seat.close()
  }

  const late = (all: readonly number[]) => (100 * all.filter((ms) => ms > 2 * FRAME_MS).length) / all.length
  return [
    figure('first_paint_ms', median(attention.map(({ paint }) => paint)), 'ms'),
    figure('attention_ms', median(attention.map(({ shown }) => shown)), 'ms'),
    figure('hosts_first_rows_ms', median(hosts.map(({ first }) => first)), 'ms'),
    figure('hosts_all_ms', median(hosts.map(({ all }) => all)), 'ms'),
    figure('filter_ms', median(filters), 'ms'),
    figure('frame_median_ms', median(frames), 'ms'),
    figure('frame_worst_ms', [...frames].sort((a, b) => a - b)[Math.floor(frames.length * 0.95)] ?? 0, 'ms'),
    figure('frames_late_percent', late(frames), '%'),
    figure('frames_late_bare_percent', late(bare), '%'),
    figure('largest_answer_kib', Math.max(...answers.map(({ bytes }) => bytes)) / 1024, 'KiB'),
    figure('largest_page_items', Math.max(...answers.map(({ items }) => items)), ''),
    figure('overview_ms', await askAlone(site, '/overview', turns), 'ms'),
    figure('hosts_page_ms', await askAlone(site, '/hosts?limit=500', turns), 'ms'),
  ]
}

/** The name of one host in the middle, typed at once: how long until it is the only row. */
async function filterTime(page: Page): Promise<number> {
  const wanted = `h${String(HOSTS / 2).padStart(5, '0')}`
  const field = page.locator('.tools input').first()
  await field.focus()
  const began: number = await page.evaluate('performance.now()')
  await page.keyboard.insertText(wanted)
  const shown = await timeUntil(
    page,
    `document.querySelectorAll('.table-place tbody tr').length === 1 && document.querySelector('.table-place tbody')?.textContent.includes('${wanted}')`,
  )
  return shown - began
}

async function askAlone({ url, token }: UiSite, path: string, turns: number): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    const began = performance.now()
    const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    times.push(performance.now() - began)
  }
  return median(times)
}

function figure(id: keyof typeof meaning, value: number, unit: string): Result {
  return { id, value, unit, better: 'lower' }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
})
