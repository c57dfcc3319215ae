import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonSplitter } from './framing.ts'

describe('a stream is cut into its messages', () => {
  test('whatever is in them, and wherever the chunks end', () => {
    const values = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 4 })
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (messages, sizes) => {
        const bytes = Buffer.from(messages.map((message) => JSON.stringify(message)).join(''))
        const splitter = new JsonSplitter()
        const seen: string[] = []
        for (let at = 0; at < bytes.length; ) {
          const size: number = sizes.next().value
          seen.push(...splitter.push(bytes.subarray(at, at + size)))
          at += size
        }
        expect(seen).toEqual(messages.map((message) => JSON.stringify(message)))
      }),
    )
  })

  test('brackets and quotes inside text end nothing; blanks between messages are nothing', () => {
    const text = String.raw`{"a":"}\"]{","b":["\\"]}`
    expect(new JsonSplitter().push(Buffer.from(`\n ${text}\r\n${text} `))).toEqual([text, text])
  })
})

describe('a stream that is no such one is given up', () => {
  test.each(['HTTP/1.1 400 Bad Request', '[]', '{"a":1}x'])('%s', (text) => {
    expect(() => new JsonSplitter().push(Buffer.from(text))).toThrow('something else than JSON')
  })

  test('one message over the limit, in pieces too; many small ones are no matter', () => {
    const small = new JsonSplitter(20)
    for (let count = 0; count < 10; count += 1)
      expect(small.push(Buffer.from('{"a":"12345678"}'))).toHaveLength(1)
    small.push(Buffer.from('{"a":"12345'))
    expect(() => small.push(Buffer.from('6789012345'))).toThrow('too long')
  })
})
