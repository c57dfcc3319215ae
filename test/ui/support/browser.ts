import { accessSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

/** Debian's and Ubuntu's names for it. */
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const shots = process.env.FERRULE_UI_SHOTS ?? join(import.meta.dirname, '../../../dist/ui-shots')

export async function openBrowser(): Promise<Browser> {
  const program = programs.find((path) => {
    try {
      accessSync(path)
      return true
    } catch {
      return false
    }
  })
  if (program === undefined) throw new Error('no Chromium: install the package chromium')
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] })
}

export interface Seat {
  page: Page
  /** What the browser complained about: failed loads, exceptions, violations of the content security policy. */
  complaints: string[]
}

/** A new window that opens by the address that "npm start" prints. */
export async function sit(
  browser: Browser,
  address: string,
  { width = 1280, height = 900, dark = true } = {},
): Promise<Seat> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(address)
  return { page, complaints }
}

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(shots, { recursive: true })
  // else the bar, which stays in view, lies across what is above
  await page.evaluate('scrollTo(0, 0)')
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true })
}

/** Serious and critical findings of axe under WCAG 2.2 AA, each with where it is. */
export async function findings(page: Page): Promise<string[]> {
  // through the debugger: the policy of the page forbids every script that is not its own
  await page.evaluate(axe.source)
  const result: {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
  } = await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
  )
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
    )
}
