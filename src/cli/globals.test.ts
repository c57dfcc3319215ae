import { expect, test } from 'vitest'
import { hoistGlobals } from './globals.ts'

test.each([
  ['host list --output json', '--output json host list'],
  ['host list --output=json --no-wait', '--output=json --no-wait host list'],
  ['--url http://a host list -o json', '--url http://a -o json host list'],
  ['template register jammy --url maas://x -o json', '-o json template register jammy --url maas://x'],
  [
    '--url http://a template register jammy --url maas://x',
    '--url http://a template register jammy --url maas://x',
  ],
  ['host show -- --wait', 'host show -- --wait'],
  ['host list --timeout', '--timeout host list'],
])('%s', (given, wanted) => {
  expect(hoistGlobals(given.split(' ')).join(' ')).toBe(wanted)
})
