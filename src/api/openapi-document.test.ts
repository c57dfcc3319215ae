import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openApiDocument } from './openapi-document.ts'

test('the published document is what the routes say', async () => {
  const published = readFileSync(new URL('../../docs/reference/openapi.json', import.meta.url), 'utf8')
  const same = published === (await openApiDocument())
  expect(same, 'docs/reference/openapi.json is stale: run "npm run openapi" and commit what it wrote').toBe(
    true,
  )
})

test('every call says how it fails', async () => {
  const { paths } = JSON.parse(await openApiDocument()) as {
    paths: Record<string, Record<string, { operationId?: string; responses: Record<string, unknown> }>>
  }
  const calls = Object.values(paths).flatMap((path) => Object.values(path))
  expect(calls.length).toBeGreaterThan(35)
  for (const call of calls) {
    expect(call.operationId).toMatch(/^[a-z][A-Za-z]+$/)
    expect(Object.keys(call.responses)).toEqual(
      expect.arrayContaining(['400', '404', '405', '413', '415', '500']),
    )
  }
})
