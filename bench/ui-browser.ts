import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function openChromium(): Promise<Browser> {
  const program = programs.find((path) => existsSync(path))
  if (program === undefined) throw new Error('no Chromium: install the package chromium')
  return chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] })
}

export interface Visit {
  page: Page
  /** Bytes of each answer of the API, as they were sent, and the items in it. */
  answers: { path: string; bytes: number; items: number }[]
  close(): Promise<void>
}

/** A window that has never been here: nothing is in its cache. */
export async function visit(browser: Browser): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const page = await context.newPage()
  const answers: Visit['answers'] = []
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (!pathname.startsWith('/api/') || pathname.endsWith('/stream')) return
    // an answer whose page has gone away has no body any more
    void response
      .body()
      .then((body) => {
        const json: unknown = JSON.parse(body.toString())
        answers.push({ path: pathname, bytes: body.length, items: itemsIn(json) })
      })
      .catch(() => undefined)
  })
  return { page, answers, close: () => context.close() }
}

function itemsIn(json: unknown): number {
  if (typeof json !== 'object' || json === null || !('items' in json)) return 0
  return Array.isArray(json.items) ? json.items.length : 0
}

/** Since the navigation began: when the first text was painted. Milliseconds. */
export async function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    `new Promise((resolve) => {
      const look = () => {
        const [paint] = performance.getEntriesByName('first-contentful-paint')
        if (paint) resolve(paint.startTime); else setTimeout(look, 5)
      }
      look()
    })`,
  )
}

/** Since the navigation began: when `there` first held, looked at in every frame. Milliseconds. */
export async function timeUntil(page: Page, there: string): Promise<number> {
  return page.evaluate(
    `new Promise((resolve) => {
      const look = () => { if (${there}) resolve(performance.now()); else requestAnimationFrame(look) }
      look()
    })`,
  )
}

/**
 * In place of the page: a box as tall as its table, in which nothing is ever made. What is late there is the machine's and
 * the browser's own, and the harness's.
 */
export async function showBareBox(page: Page, selector: string): Promise<void> {
  await page.evaluate(
    `(() => {
      const { width, height } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()
      const box = document.createElement('section')
      box.id = 'bare'
      box.style.cssText = 'overflow: auto; width: ' + width + 'px; height: ' + height + 'px'
      const inside = document.createElement('div')
      inside.style.cssText = 'height: 340000px; background: repeating-linear-gradient(#fff 0 33px, #888 33px 34px)'
      box.append(inside)
      document.body.replaceChildren(box)
    })()`,
  )
}

/** Scrolls an element by so many pixels in each frame, there and back, and tells how long each frame took. Milliseconds. */
export async function scrollFrames(
  page: Page,
  selector: string,
  frames: number,
  pixels: number,
): Promise<number[]> {
  return page.evaluate(
    `new Promise((resolve) => {
      const place = document.querySelector(${JSON.stringify(selector)})
      const times = []
      let before = 0
      let down = 1
      const step = (now) => {
        if (before > 0) times.push(now - before)
        before = now
        if (times.length >= ${frames}) return resolve(times)
        if (place.scrollTop + place.clientHeight >= place.scrollHeight - 1) down = -1
        if (place.scrollTop <= 0) down = 1
        place.scrollTop += down * ${pixels}
        requestAnimationFrame(step)
      }
      requestAnimationFrame(step)
    })`,
  )
}
