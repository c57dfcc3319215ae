import { expect, test } from 'vitest'
import { isFromCloudstack } from './webhook.ts'

const body = '{"event":"VM.CREATE"}'
/** printf '%s' BODY | openssl dgst -sha256 -hmac secret -binary | base64 */
const signature = 'uEE/C7iHI3NPPmF8bH8FQVxP/wLx7vgdTQPJqIVIyp8='

test('a webhook is known by the signature over its very bytes', () => {
  expect(isFromCloudstack(body, signature, 'secret')).toBe(true)
  expect(isFromCloudstack(`${body} `, signature, 'secret')).toBe(false)
  expect(isFromCloudstack(body, signature, 'another')).toBe(false)
  for (const wrong of [undefined, '', 'no base64', `AA${signature}`])
    expect(isFromCloudstack(body, wrong, 'secret')).toBe(false)
})
