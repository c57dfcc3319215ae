import { Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { pinoRedaction, redact } from './redact.ts'

describe('redact', () => {
  const secret = 'p"w/d+1'

  test.each([
    ['as it is', `login ${secret} failed`],
    ['inside JSON', JSON.stringify({ password: secret })],
    ['inside a URL', `http://x/?p=${encodeURIComponent(secret)}`],
    ['in Base64, as in basic authentication', Buffer.from(secret).toString('base64')],
  ])('finds the secret %s', (_, text) => {
    const clean = redact(text, [secret])
    expect(clean).toContain('[redacted]')
    for (const form of ['w/d+1', 'w%2Fd%2B1', Buffer.from(secret).toString('base64')])
      expect(clean).not.toContain(form)
  })

  test('leaves no tail of a secret that begins with another', () => {
    expect(redact('x hunter2more y', ['hunter2', 'hunter2more'])).toBe('x [redacted] y')
  })

  test('leaves text alone when a secret is too short to mean anything', () => {
    expect(redact('a text', ['', 'a'])).toBe('a text')
  })
})

test('pino writes no secret, wherever our objects carry one', () => {
  let written = ''
  const sink = new Writable({
    write(chunk, _, done) {
      written += chunk
      done()
    },
  })
  const log = pino({ redact: pinoRedaction }, sink)
  log.info(
    { password: 'hunter2', bmc: { password: 'hunter2' }, a: { b: { bmcPassword: 'hunter2' } } },
    'static',
  )
  log.info({
    req: { headers: { authorization: 'Bearer hunter2' } },
    settings: { systemUrl: 'MaasSecret=hunter2' },
  })
  log.info({ power_parameters: { power_pass: 'hunter2' }, user_data: 'hunter2' })
  expect(written).toContain('static')
  expect(written).not.toContain('hunter2')
})
