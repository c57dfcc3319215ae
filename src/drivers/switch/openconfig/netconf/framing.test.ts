import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Deframer, frame } from './framing.ts'

/** All messages in `bytes`, which come in pieces of `size`. */
function messages(deframer: Deframer, bytes: Buffer, size: number): string[] {
  const found: string[] = []
  for (let at = 0; at < bytes.length; at += size) {
    deframer.push(bytes.subarray(at, at + size))
    for (let next = deframer.next(); next !== null; next = deframer.next()) found.push(next)
  }
  return found
}

function chunked(limit?: number): Deframer {
  const deframer = new Deframer(limit)
  deframer.useChunks()
  return deframer
}

describe.each([
  ['base:1.0', false],
  ['base:1.1', true],
])('%s', (_name, inChunks) => {
  test('what is framed comes out, in whatever pieces it arrives', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((one) => !one.includes(']]>]]>'))
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), (sent, size) => {
        const bytes = Buffer.from(sent.map((one) => frame(one, inChunks)).join(''))
        expect(messages(inChunks ? chunked() : new Deframer(), bytes, size)).toEqual(sent)
      }),
    )
  })

  test('a message without end is given up', () => {
    const deframer = inChunks ? chunked(1_000) : new Deframer(1_000)
    const endless = Buffer.from(inChunks ? `\n#900\n${'x'.repeat(900)}`.repeat(2) : 'x'.repeat(2_000))
    expect(() => messages(deframer, endless, 100)).toThrow('too long')
  })
})

test('a message of several chunks, cut inside a letter', () => {
  const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)]
  const bytes = Buffer.concat([
    Buffer.from('\n#1\n'),
    first,
    Buffer.from('\n#1\n'),
    second,
    Buffer.from('\n##\n'),
  ])
  expect(messages(chunked(), bytes, 3)).toEqual(['ä'])
})

test('the framing changes between two messages', () => {
  const deframer = new Deframer()
  deframer.push(Buffer.from(frame('hello', false) + frame('reply', true)))
  expect(deframer.next()).toBe('hello')
  deframer.useChunks()
  expect(deframer.next()).toBe('reply')
})

test.each(['hello', '\n#0\nx\n##\n', '\n#x\n', '\n##\n', '\n#4294967296\nx', '\n#12345678901\n'])(
  'not chunks: %j',
  (text) => {
    expect(() => messages(chunked(), Buffer.from(text), 100)).toThrow()
  },
)
