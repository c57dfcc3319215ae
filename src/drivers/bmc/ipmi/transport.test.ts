import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseBmcAddress } from './address.ts'
import { type IpmiSettings, withDefaults } from './options.ts'
import { Transport } from './transport.ts'

let settings: IpmiSettings
const sockets: Socket[] = []

beforeEach(() => {
  settings = withDefaults({})
})

afterEach(() => {
  settings.sockets.close()
  for (const socket of sockets.splice(0)) socket.close()
})

/** Somebody on the network who answers each packet with what `answer` says, and the name of the asker's port. */
async function listen(
  answer: (packet: Buffer, port: number) => string | undefined,
  address = '127.0.0.1',
): Promise<string> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  sockets.push(socket)
  await new Promise<void>((resolve) => socket.bind(0, address, resolve))
  socket.on('message', (packet, from) => {
    const text = answer(packet, from.port)
    if (text !== undefined) socket.send(text, from.port, from.address)
  })
  const host = address.includes(':') ? `[${address}]` : address
  return `${host}:${socket.address().port}`
}

async function connect(address: string): Promise<Transport> {
  return Transport.connect(parseBmcAddress(address), settings)
}

function ask(transport: Transport, question: string, budgetMs = 200): Promise<string | undefined> {
  return transport.exchange({
    packet: () => Buffer.from(question),
    accept: (packet) => packet.toString(),
    budgetMs,
    retransmitMs: undefined,
  })
}

test('what another port or another address sends to our socket is not heard', async () => {
  const stranger = createSocket('udp4')
  sockets.push(stranger)
  await new Promise<void>((resolve) => stranger.bind(0, '127.0.0.2', resolve))
  const bmc = await listen((_, port) => {
    stranger.send('from another address', port, '127.0.0.1')
    return undefined
  })
  expect(await ask(await connect(bmc), 'who?')).toBeUndefined()
})

test('each of twenty BMCs on a few sockets gets its own answer', async () => {
  const bmcs = await Promise.all(
    Array.from({ length: 20 }, (_, index) => listen((packet) => `${index}: ${packet}`)),
  )
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, round) => {
      const index = (round * 7) % 20
      return ask(await connect(bmcs[index] ?? ''), `round ${round}`, 2000)
    }),
  )
  expect(answers).toEqual(answers.map((_, round) => `${(round * 7) % 20}: round ${round}`))
})

test('two ways to one BMC are told apart by our port', async () => {
  const ports: number[] = []
  const bmc = await listen((packet, port) => {
    ports.push(port)
    return `answer to ${packet}`
  })
  const ways = await Promise.all(Array.from({ length: 9 }, () => connect(bmc)))
  const answers = await Promise.all(ways.map((way, index) => ask(way, `${index}`, 2000)))
  expect(answers).toEqual(ways.map((_, index) => `answer to ${index}`))
  expect(new Set(ports).size).toBe(9)
})

test('a way that was closed is free for the next, and hears nothing more', async () => {
  const bmc = await listen((packet) => `answer to ${packet}`)
  const first = await connect(bmc)
  const waiting = ask(first, 'first', 100)
  first.close()
  const second = await connect(bmc)
  first.close()
  expect(await ask(second, 'second')).toBe('answer to second')
  expect(await waiting).toBeUndefined()
})

test('an IPv6 address may be spelt in any way', async () => {
  const bmc = await listen((packet) => `answer to ${packet}`, '::1')
  const port = bmc.split(':').at(-1)
  expect(await ask(await connect(`[0:0::0:1]:${port}`), 'who?', 2000)).toBe('answer to who?')
})

test('a name is looked up', async () => {
  const { address } = await lookup('localhost')
  const bmc = await listen((packet) => `answer to ${packet}`, address)
  const port = bmc.split(':').at(-1)
  expect(await ask(await connect(`localhost:${port}`), 'who?', 2000)).toBe('answer to who?')
})

test('after the end of all sockets nothing is sent, and nobody is hurt', async () => {
  const bmc = await listen((packet) => `answer to ${packet}`)
  const way = await connect(bmc)
  expect(await ask(way, 'one')).toBe('answer to one')
  settings.sockets.close()
  expect(await ask(way, 'two', 50)).toBeUndefined()
})
