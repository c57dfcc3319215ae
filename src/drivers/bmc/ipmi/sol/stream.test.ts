import { describe, expect, test } from 'vitest'
import { recordedConsoles } from '../fixtures/recorded-consoles.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { decodeSol, encodeSol, type SolPacket } from './packet.ts'
import { SolStream, type Written } from './stream.ts'

/** A stream, and what it did. */
function given(most = 28) {
  const clock = new ManualClock()
  const sent: SolPacket[] = []
  const world = { printed: '', silent: 0, deactivating: 0 }
  const stream = new SolStream(clock, most, {
    send: (packet) => sent.push(packet),
    onCharacters: (characters) => {
      world.printed += characters.toString()
    },
    onSilence: () => {
      world.silent += 1
    },
    onDeactivating: () => {
      world.deactivating += 1
    },
  })
  const receive = (fields: Partial<Omit<SolPacket, 'characters'>> & { text?: string }) =>
    stream.receive({
      ...{ sequence: 0, acknowledges: 0, accepted: 0, flags: 0, ...fields },
      characters: Buffer.from(fields.text ?? ''),
    })
  const texts = () => sent.filter((it) => it.sequence !== 0).map((it) => `${it.sequence} ${it.characters}`)
  return { clock, stream, sent, world, receive, texts }
}

/** What a write came to so far. */
function outcome(write: Promise<Written>): { of: Written | 'waiting' } {
  const seen: { of: Written | 'waiting' } = { of: 'waiting' }
  void write.then((written) => {
    seen.of = written
  })
  return seen
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe.each(recordedConsoles)('as recorded with $name', ({ most, written, payloads }) => {
  test('each packet of the BMC brings the packets that followed it', async () => {
    const { clock, stream, sent, world } = given(most)
    const expected = payloads.filter((it) => it.startsWith('>')).map((it) => it.slice(2))
    const write = stream.write(Buffer.from(written)).then(() => stream.sendBreak())
    for (const payload of payloads.filter((it) => it.startsWith('<'))) {
      const packet = decodeSol(Buffer.from(payload.slice(2), 'hex'))
      if (packet === undefined) throw new Error('the recording does not decode')
      stream.receive(packet)
      await settled()
      clock.pass(499)
      clock.pass(1)
    }
    expect(await write).toBe('taken')
    expect(world.printed).toContain('login: ')
    // Answers and texts in the order of each kind; they were sent independently.
    const kind = (hex: string) => hex.startsWith('00')
    const ours = sent.map((packet) => encodeSol(packet).toString('hex'))
    expect(ours.filter(kind)).toEqual(expected.filter(kind))
    expect([...new Set(ours.filter((hex) => !kind(hex)))]).toEqual(expected.filter((hex) => !kind(hex)))
  })
})

describe('what the machine prints', () => {
  test('is delivered once and answered each time', () => {
    const { receive, world, sent } = given()
    receive({ sequence: 1, text: 'abc' })
    receive({ sequence: 1, text: 'abc' })
    receive({ sequence: 2, text: 'abc' })
    expect(world.printed).toBe('abcabc')
    expect(sent.map(({ sequence, acknowledges, accepted }) => [sequence, acknowledges, accepted])).toEqual([
      [0, 1, 3],
      [0, 1, 3],
      [0, 2, 3],
    ])
  })

  test('in a repetition that carries more is delivered from where the first copy ended', () => {
    const { receive, world } = given()
    receive({ sequence: 5, text: 'abc' })
    receive({ sequence: 5, text: 'abcde' })
    receive({ sequence: 5, text: 'ab' })
    receive({ sequence: 5, text: 'abcdef' })
    expect(world.printed).toBe('abcdef')
  })

  test('goes on after number 15 with 1', () => {
    const { receive, world } = given()
    for (const sequence of [14, 15, 1, 2]) receive({ sequence, text: String(sequence) })
    expect(world.printed).toBe('141512')
  })

  test('is nothing in a packet without number', () => {
    const { stream, world, sent } = given()
    const packet = decodeSol(Buffer.from('00000000616263', 'hex'))
    if (packet) stream.receive(packet)
    expect(world.printed).toBe('')
    expect(sent).toEqual([])
  })
})

describe('what is typed', () => {
  test('goes out in packets of what the BMC takes, one after the other', async () => {
    const { stream, receive, texts } = given(4)
    const write = outcome(stream.write(Buffer.from('abcdefghij')))
    expect(texts()).toEqual(['1 abcd'])
    receive({ acknowledges: 1, accepted: 4 })
    receive({ acknowledges: 2, accepted: 4 })
    await settled()
    expect(write.of).toBe('waiting')
    receive({ acknowledges: 3, accepted: 2 })
    await settled()
    expect(write.of).toBe('taken')
    expect(texts()).toEqual(['1 abcd', '2 efgh', '3 ij'])
  })

  test('keeps the order of writes', async () => {
    const { stream, receive, texts } = given()
    const first = outcome(stream.write(Buffer.from('one')))
    const second = outcome(stream.write(Buffer.from('two')))
    receive({ acknowledges: 1, accepted: 3 })
    await settled()
    expect([first.of, second.of]).toEqual(['taken', 'waiting'])
    expect(texts()).toEqual(['1 one', '2 two'])
  })

  test('is repeated every half second under the same number, and answered late all the same', async () => {
    const { clock, stream, receive, texts } = given()
    const write = outcome(stream.write(Buffer.from('x')))
    clock.pass(1600)
    expect(texts()).toEqual(['1 x', '1 x', '1 x', '1 x'])
    receive({ acknowledges: 1, accepted: 1 })
    clock.pass(5000)
    await settled()
    expect(write.of).toBe('taken')
    expect(texts()).toHaveLength(4)
  })

  test('without any answer is silence after six repetitions', () => {
    const { clock, stream, texts, world } = given()
    void stream.write(Buffer.from('x'))
    clock.pass(3499)
    expect(texts()).toHaveLength(7)
    expect(world.silent).toBe(0)
    clock.pass(1)
    expect(world.silent).toBe(1)
  })

  test('in part goes on with the rest, under a new number', () => {
    const { stream, receive, texts } = given()
    void stream.write(Buffer.from('abcdef'))
    receive({ acknowledges: 1, accepted: 2 })
    expect(texts()).toEqual(['1 abcdef', '2 cdef'])
  })

  test('and refused waits before the rest is sent', () => {
    const { clock, stream, receive, texts } = given()
    void stream.write(Buffer.from('abcdef'))
    receive({ acknowledges: 1, accepted: 2, flags: 0x40 })
    expect(texts()).toEqual(['1 abcdef'])
    clock.pass(500)
    expect(texts()).toEqual(['1 abcdef', '2 cdef'])
  })

  test('and refused again and again is given up; the next write is tried', async () => {
    const { clock, stream, receive, texts } = given()
    const write = outcome(stream.write(Buffer.from('x')))
    for (let sequence = 1; sequence <= 7; sequence += 1) {
      receive({ acknowledges: sequence, accepted: 0, flags: 0x60 })
      clock.pass(500)
    }
    await settled()
    expect(write.of).toBe('unavailable')
    void stream.write(Buffer.from('y'))
    expect(texts().at(-1)).toBe('8 y')
  })

  test('is not answered by a count beyond what was sent, nor by the number of an earlier packet', async () => {
    const { stream, receive, texts } = given()
    const write = outcome(stream.write(Buffer.from('ab')))
    receive({ acknowledges: 9, accepted: 2 })
    await settled()
    expect(write.of).toBe('waiting')
    receive({ acknowledges: 1, accepted: 200 })
    receive({ acknowledges: 1, accepted: 2 })
    await settled()
    expect(write.of).toBe('taken')
    expect(texts()).toEqual(['1 ab'])
  })

  test('after the end is told so, and so is what waits', async () => {
    const { clock, stream, sent } = given()
    const waiting = stream.write(Buffer.from('x'))
    stream.end()
    expect(await waiting).toBe('ended')
    expect(await stream.write(Buffer.from('y'))).toBe('ended')
    clock.pass(10_000)
    expect(sent).toHaveLength(1)
  })

  test('is nothing at all: done at once', async () => {
    const { stream, sent } = given()
    expect(await stream.write(Buffer.alloc(0))).toBe('taken')
    expect(sent).toEqual([])
  })
})

test('a break is a packet without characters, and repeated when it is refused', async () => {
  const { clock, stream, receive, sent } = given()
  const done = outcome(stream.sendBreak())
  expect(sent[0]).toMatchObject({ sequence: 1, flags: 0x10 })
  receive({ acknowledges: 1, flags: 0x40 })
  clock.pass(500)
  expect(sent[1]).toMatchObject({ sequence: 2, flags: 0x10 })
  receive({ acknowledges: 2 })
  await settled()
  expect(done.of).toBe('taken')
})

test('the word of the BMC that it ends is passed on', () => {
  const { receive, world } = given()
  receive({ flags: 0x10 })
  expect(world.deactivating).toBe(1)
})
