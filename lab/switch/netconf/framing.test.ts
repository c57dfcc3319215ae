import { expect, test } from 'vitest'
import { BadFraming, framed, Listening } from './framing.ts'

/** All that comes of these bytes, heard in pieces of this size. */
function heard(bytes: Buffer, size: number, chunked: boolean): string[] {
  const listening = new Listening()
  if (chunked) listening.agreeOnChunks()
  const messages: string[] = []
  for (let at = 0; at < bytes.length; at += size) {
    listening.hear(bytes.subarray(at, at + size).toString('latin1'))
    for (let one = listening.take(); one !== null; one = listening.take()) messages.push(one)
  }
  return messages
}

const long = `<a>${'ä€'.repeat(900)}</a>`

test.each([1, 2, 3, 7, 1000, 100_000])('messages in pieces of %i bytes, with both framings', (size) => {
  for (const chunked of [false, true]) {
    const bytes = Buffer.concat([framed('<hello/>', chunked), framed(long, chunked)])
    expect(heard(bytes, size, chunked)).toEqual(['<hello/>', long])
  }
})

test('a message of more than one chunk, as RFC 6242 §4.2 has it', () => {
  const bytes = Buffer.from('\n#4\n<rpc\n#18\n message-id="102"\n\n#5\n></rp\n#2\nc>\n##\n')
  expect(heard(bytes, 5, true)).toEqual(['<rpc message-id="102"\n></rpc>'])
})

test.each(['<rpc/>]]>]]>', '\n#0\n', '\n#04\nabcd', '\n##\n', '\n#99999999999\n'])(
  'chunks as %j end the session',
  (bytes) => {
    expect(() => heard(Buffer.from(bytes), 100, true)).toThrow(BadFraming)
  },
)
