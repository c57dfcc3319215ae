import { describe, expect, test } from 'vitest'
import { parseHello, parseReply } from './reply.ts'

const nc = 'urn:ietf:params:xml:ns:netconf:base:1.0'

test('a reply with a prefix, ok, and its number', () => {
  expect(parseReply(`<nc:rpc-reply xmlns:nc="${nc}" message-id="7"><nc:ok/></nc:rpc-reply>`)).toEqual({
    id: '7',
    errors: [],
    data: undefined,
  })
})

test('errors with their tag, words and place; a warning is none', () => {
  const error = (severity: string, tag: string, more = '') =>
    `<rpc-error><error-type>protocol</error-type><error-tag>${tag}</error-tag><error-severity>${severity}</error-severity>${more}</rpc-error>`
  const denied =
    '<error-message xml:lang="en">in &lt;use&gt;</error-message><error-path>/a/b</error-path><error-info><session-id>4</session-id></error-info>'
  const reply = `<rpc-reply message-id="1">${error('warning', 'partial-operation')}${error('error', 'lock-denied', denied)}</rpc-reply>`
  expect(parseReply(reply).errors).toEqual([
    { tag: 'lock-denied', said: 'lock-denied: in <use> (/a/b)', session: '4' },
  ])
})

test('a greeting', () => {
  const hello = `<hello xmlns="${nc}"><capabilities><capability> urn:a </capability></capabilities><session-id>1</session-id></hello>`
  expect(parseHello(hello)).toEqual(['urn:a'])
})

describe('is refused', () => {
  const bomb =
    '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rpc-reply message-id="1"><data>&b;</data></rpc-reply>'
  test.each([
    ['entities that grow', bomb, 'document type'],
    ['a file as an entity', '<!doctype r SYSTEM "file:///etc/passwd"><rpc-reply/>', 'document type'],
    ['a message that is cut short', '<rpc-reply message-id="1"><data>', 'broken XML'],
    ['another document', '<html><body/></html>', 'no rpc-reply'],
    ['no document', 'Login incorrect', 'broken XML'],
  ])('%s', (_name, message, said) => {
    expect(() => parseReply(message)).toThrow(said)
  })
})
