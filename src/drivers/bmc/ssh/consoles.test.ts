import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SerialConsole } from '../types.ts'
import { type Bent, type BentServer, bentServer } from './testing/bent-server.ts'

function screen(console: SerialConsole): () => string {
  let shown = ''
  console.onData((data) => {
    shown += data.toString('latin1')
  })
  return () => shown
}

const open = ({ consoles, target }: BentServer, takeOver = false) => consoles.open(target, { takeOver })

/** A command line that knows `console`, and has it for one at a time unless told otherwise. */
function commandLine(greeting: string, answer: (command: string) => string | null): Bent {
  return {
    shell(channel) {
      channel.write(greeting)
      channel.once('data', (data: Buffer) => {
        const said = answer(data.toString())
        if (said === null) channel.close()
        else channel.write(said)
      })
    },
  }
}

describe('a shell that is the serial port', () => {
  test('both directions work, what came before somebody listens too, and closing ends the session', async () => {
    const server = await bentServer({ shell: (channel) => channel.write('early ') })
    const console = await open(server)
    const shown = screen(console)
    server.shells[0]?.write('login: ')
    await expect.poll(shown).toBe('early login: ')
    await console.write(Buffer.from('root\r'))
    await expect.poll(server.typed).toBe('root\r')
    expect(server.logins).toEqual(['password correct horse'])
    await console.close()
    expect(await console.ended).toMatchObject({ reason: 'closed' })
    await expect.poll(server.connections).toBe(0)
    await expect(console.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'bmc-unreachable' })
  })

  test('a BMC that asks for the password as a question is answered once', async () => {
    const server = await bentServer({ way: 'keyboard-interactive' })
    await open(server)
    expect(server.logins).toEqual(['keyboard-interactive correct horse'])
  })

  test('what stands before the prompt is waited for, and the entry command is sent', async () => {
    const server = await bentServer(
      commandLine('Welcome\r\n-> ', (command) => (command === 'console\r' ? 'machine: ' : 'what?')),
    )
    server.target.entryCommand = 'console'
    const console = await open(server)
    await expect.poll(screen(console)).toBe('machine: ')
  })

  test('a second time here is busy, or ends the first before the BMC is asked again', async () => {
    const server = await bentServer()
    const first = await open(server)
    await expect(open(server)).rejects.toMatchObject({ code: 'console-busy' })
    const second = await open(server, true)
    expect(await first.ended).toMatchObject({ reason: 'taken' })
    await second.write(Buffer.from('x'))
    await expect.poll(server.typed).toBe('x')
    expect(server.connections()).toBe(1)
  })
})

describe('the host key', () => {
  test.each([
    ['that nobody has trusted', undefined, 'Nobody has trusted'],
    ['that is another one', `SHA256:${'A'.repeat(43)}`, 'NOT THE TRUSTED ONE'],
  ])('%s: refused with what was seen, and no login is sent', async (_, fingerprint, message) => {
    const server = await bentServer()
    server.target.fingerprint = fingerprint
    await expect(open(server)).rejects.toMatchObject({
      code: 'bmc-untrusted',
      message: expect.stringMatching(new RegExp(`${message}.*ssh-ed25519`)),
      remedy: expect.stringContaining(`ferrule host set-bmc h1 --bmc-ssh-fingerprint ${server.fingerprint}`),
      details: { sshFingerprint: server.fingerprint },
    })
    expect(server.logins).toEqual([])
    await expect.poll(server.connections).toBe(0)
  })
})

describe('refused', () => {
  test('the password: sent once, for accounts are locked', async () => {
    for (const way of ['password', 'keyboard-interactive'] as const) {
      const server = await bentServer({ rejects: true, way })
      await expect(open(server)).rejects.toMatchObject({ code: 'bmc-auth' })
      expect(server.logins).toEqual([`${way} correct horse`])
      await expect.poll(server.connections).toBe(0)
    }
  })

  test.each<[string, Bent, string | null, string, string]>([
    ['a channel', { noChannel: true }, null, 'bmc-refused', 'open failure'],
    ['a shell', { noShell: true }, null, 'bmc-refused', 'Unable to open shell'],
    ['the command, and closed', commandLine('-> ', () => null), 'console', 'bmc-unreachable', 'at once'],
    [
      'with words',
      {
        shell: (channel) => {
          channel.write('\x1b[31mAccess\x07 denied: serial port is off.\r\n')
          channel.end()
          channel.close()
        },
      },
      null,
      'bmc-refused',
      'SSH: Access denied: serial port is off.',
    ],
    [
      'as busy',
      commandLine('-> ', () => 'Console is in use\r\n-> '),
      'console',
      'console-busy',
      'Console is in use',
    ],
    [
      'as busy by the end',
      {
        shell: (channel) => {
          channel.write('Too many sessions\r\n')
          channel.close()
        },
      },
      null,
      'console-busy',
      'Too many sessions',
    ],
  ])('%s', async (_, bent, entryCommand, code, message) => {
    const server = await bentServer(bent)
    server.target.entryCommand = entryCommand
    await expect(open(server)).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
    await expect.poll(server.connections).toBe(0)
  })

  test('to take over: SSH has no way, which is said', async () => {
    const server = await bentServer(commandLine('-> ', () => 'console is in use\r\n-> '))
    server.target.entryCommand = 'console'
    await expect(open(server, true)).rejects.toMatchObject({
      code: 'bmc-unsupported',
      remedy: expect.stringContaining('End the other session'),
    })
  })

  test('what a machine prints is not taken for the word of a BMC', async () => {
    const server = await bentServer({
      shell: (channel) => channel.write('port 80 already in use\r\nlogin: '),
    })
    await expect.poll(screen(await open(server))).toContain('login: ')
  })
})

describe('nobody there', () => {
  test('is unreachable, and so is one that never speaks', async () => {
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const mute = new Set<{ destroy(): void }>()
    silent.on('connection', (socket) => mute.add(socket))
    onTestFinished(() => {
      for (const socket of mute) socket.destroy()
      silent.close()
    })
    const server = await bentServer({}, { loginMs: 300 })
    const place = silent.address()
    const port = typeof place === 'object' ? (place?.port ?? 0) : 0
    for (const there of [1, port])
      await expect(
        server.consoles.open({ ...server.target, port: there }, { takeOver: false }),
      ).rejects.toMatchObject({ code: 'bmc-unreachable' })
  })

  test('something that speaks another protocol is refused or unreachable, never open', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const server = await bentServer({}, { loginMs: 300 })
    const place = other.address()
    const port = typeof place === 'object' ? (place?.port ?? 0) : 0
    await expect(server.consoles.open({ ...server.target, port }, { takeOver: false })).rejects.toMatchObject(
      { code: expect.stringMatching(/^bmc-(refused|unreachable)$/) },
    )
  })
})

describe('the end', () => {
  test('in mid-stream, by a cut or by the BMC, is lost; the next one opens', async () => {
    const server = await bentServer()
    for (const end of [() => server.cut(), () => server.shells.at(-1)?.close()]) {
      const console = await open(server)
      server.shells.at(-1)?.write('Linux ver')
      end()
      expect(await console.ended).toMatchObject({ reason: 'lost' })
      await expect.poll(server.connections).toBe(0)
    }
  })

  test('of a BMC that went mute is noticed', async () => {
    const server = await bentServer({}, { keepAliveMs: 40 })
    const console = await open(server)
    server.freeze()
    expect(await console.ended).toMatchObject({ reason: 'lost', detail: expect.stringMatching(/keepalive/i) })
  })

  test('of the process closes it, and one that is on its way, and refuses new ones', async () => {
    const server = await bentServer({}, { settleMs: 60_000 })
    const pending = open(server).catch((error: unknown) => error)
    await expect.poll(() => server.shells.length).toBe(1)
    await server.consoles.close()
    expect(await pending).toMatchObject({ code: 'cancelled' })
    await expect.poll(server.connections).toBe(0)
    await expect(open(server)).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('bounds', () => {
  test('a flood that nobody listens to is kept up to 64 KiB', async () => {
    const server = await bentServer()
    const console = await open(server)
    const flood = Buffer.alloc(30_000, 'x')
    for (let i = 0; i < 100; i += 1) server.shells[0]?.write(flood)
    let received = 0
    await new Promise((resolve) => setTimeout(resolve, 300))
    console.onData((data) => {
      received += data.length
    })
    expect(received).toBeGreaterThan(30_000)
    expect(received).toBeLessThanOrEqual(64 * 1024)
    server.shells[0]?.write('after')
    await console.write(Buffer.from('x'))
  })

  test('keys that the BMC does not take are refused, and do not pile up', async () => {
    const server = await bentServer({ shell: (channel) => channel.pause() })
    const console = await open(server)
    const keys = Buffer.alloc(32 * 1024, 'x')
    let refused = 0
    // Its window takes two MiB, and as much more waits in the server.
    for (let i = 0; i < 200 && refused === 0; i += 1)
      await console.write(keys).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'bmc-refused' })
        refused += 1
      })
    expect(refused).toBe(1)
    await Promise.all(
      [1, 2, 3].map(() => expect(console.write(keys)).rejects.toMatchObject({ code: 'bmc-refused' })),
    )
  })
})
