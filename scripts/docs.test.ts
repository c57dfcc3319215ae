import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createProgram } from '../src/cli/program.ts'
import { listOverrides } from '../src/config/environment.ts'
import { configJsonSchema } from '../src/config/schema.ts'
import { errorCatalogue } from '../src/domain/errors.ts'
import { sagas } from '../src/workflows/catalogue.ts'
import { cliReference } from './cli-reference-text.mjs'

const root = dirname(import.meta.dirname)
const read = (path: string) => readFileSync(join(root, path), 'utf8')

function markdown(folder: string): string[] {
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(join(root, path)).isDirectory()) return markdown(path)
    return name.endsWith('.md') ? [path] : []
  })
}

const pages = ['README.md', 'CONTRIBUTING.md', ...markdown('docs')]

describe('the documentation says what the code does', () => {
  test('errors.md has every code with its status, and no other', () => {
    const told = [...read('docs/reference/errors.md').matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm)]
    expect(Object.fromEntries(told.map(([, code, status]) => [code, Number(status)]))).toEqual(errorCatalogue)
  })

  test('config.md has every setting, and no other', () => {
    const text = read('docs/reference/config.md')
    const told = [...text.matchAll(/^\| `([a-z][A-Za-z.]+)` \|/gm)].map(([, name]) => name)
    const settings = listOverrides(configJsonSchema())
      .map(({ path }) => path.join('.'))
      .filter((name) => !name.startsWith('settings.'))
    expect(told.sort()).toEqual(settings.sort())
  })

  test('cli.md is what "npm run docs:cli" writes', () => {
    expect(read('docs/reference/cli.md')).toBe(cliReference(createProgram('')))
  })

  test('the operator guide is right about the one step that may be skipped', () => {
    const skipped = sagas.flatMap(({ ref, steps }) =>
      steps.filter(({ skip }) => skip !== undefined).map(({ name }) => `${ref} ${name}`),
    )
    expect(skipped).toEqual(['reboot@1 boot-disk'])
  })
})

describe('the documentation leads somewhere', () => {
  test.each(pages)('%s: every link to a file or a heading', (page) => {
    const broken = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(#[^)]*)?\)/g)].flatMap(
      ([link, path = '', heading]) => {
        const target = path === '' ? join(root, page) : join(root, dirname(page), path)
        if (!existsSync(target)) return [link]
        if (heading === undefined || !target.endsWith('.md')) return []
        return headings(readFileSync(target, 'utf8')).includes(heading) ? [] : [link]
      },
    )
    expect(broken).toEqual([])
  })

  test.each(pages)('%s: every npm script that it names is there', (page) => {
    const { scripts } = JSON.parse(read('package.json'))
    const named = [...read(page).matchAll(/\bnpm run (?:-s )?([a-z][a-z:-]*[a-z])/g)].map(([, name]) => name)
    expect(named.filter((name) => name !== undefined && !(name in scripts))).toEqual([])
  })

  test.each(pages)('%s: every source file that it names in code is there', (page) => {
    const named = [...read(page).matchAll(/`((?:src|lab|test|scripts|extension|docs)\/[\w./-]+)`/g)].map(
      ([, path]) => path ?? '',
    )
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })
})

/** As GitHub makes them. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(
    ([, title = '']) =>
      `#${title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-')}`,
  )
}
