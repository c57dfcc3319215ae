import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../../lab/redfish/certificate.ts'
import { commandLines, knock } from './support/knock.ts'

const token = 'frl_this-one-is-secret_0123456789abcdef'
const PIPE = 65_536

/** The executable under the shells that distributions have as sh, with the real curl, against daemons that misbehave. */
describe.each(['dash', 'bash'])('ferrule.sh under %s', (shell) => {
  let dir: string
  let payload: string
  let conf: { socket: string; remote: string; stranger: string; wrongToken: string }
  let heard: { action?: string; call?: string; authorization?: string; body: string } = { body: '' }
  let answer: RequestListener = (_request, response) => response.end('{}')
  let local: Server
  let remote: Server

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ferrule extension '))
    payload = join(dir, 'payload.json')
    await writeFile(payload, '{"virtualmachineid":"x"}')
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { authorization } = request.headers
        heard = {
          action: String(request.headers['x-ferrule-action']),
          call: String(request.headers['x-ferrule-call']),
          ...(authorization === undefined ? {} : { authorization }),
          body: Buffer.concat(chunks).toString(),
        }
        if (authorization !== undefined && authorization !== `Bearer ${token}`)
          response.writeHead(401).end('{"status":"error","message":"unknown token"}')
        else answer(request, response)
      })
    }
    const socket = join(dir, 'door.sock')
    local = createServer(listener)
    await new Promise<void>((resolve) => local.listen(socket, resolve))
    const identity = selfSigned('127.0.0.1', Date.now())
    remote = createTlsServer({ key: identity.key, cert: identity.certificate }, listener)
    await new Promise<void>((resolve) => remote.listen(0, '127.0.0.1', resolve))
    const { port } = remote.address() as AddressInfo
    const file = async (name: string, text: string) => {
      await writeFile(join(dir, name), text, { mode: 0o600 })
      return join(dir, name)
    }
    const good = await file('token', `${token}\n`)
    const bad = await file('bad-token', 'frl_of-another-installation')
    const ca = await file('ca.pem', identity.certificate)
    const other = await file('other.pem', selfSigned('127.0.0.1', Date.now()).certificate)
    const settings = (tokenFile: string, caFile: string) =>
      `FERRULE_URL=https://127.0.0.1:${port}\nFERRULE_TOKEN_FILE='${tokenFile}'\nFERRULE_CA_FILE='${caFile}'\n`
    conf = {
      socket: await file('socket.conf', `FERRULE_SOCKET='${socket}'\n`),
      remote: await file('remote.conf', settings(good, ca)),
      stranger: await file('stranger.conf', settings(good, other)),
      wrongToken: await file('wrong.conf', settings(bad, ca)),
    }
  })
  afterAll(async () => {
    for (const server of [local, remote]) {
      server?.closeAllConnections()
      server?.close()
    }
    await rm(dir, { recursive: true })
  })

  /** What must be so of every call, however it ends. */
  async function call(settings: string, timeout = 5, action = 'status', env: Record<string, string> = {}) {
    const said = await knock(shell, [action, payload, String(timeout)], settings, env)
    expect(said.stderr).toBe('')
    expect(Buffer.byteLength(said.stdout)).toBeLessThan(PIPE)
    expect(said.ms).toBeLessThan(timeout * 1000)
    return said
  }

  test.each(['socket', 'remote'] as const)(
    '%s: the answer as it is, and the exit code of its status',
    async (way) => {
      const text = '{"status":"success","power_state":"PowerOn","message":"100 % é"}'
      answer = (_request, response) => response.end(text)
      expect(await call(conf[way], 5, 'Erase certificate')).toMatchObject({ exit: 0, stdout: `${text}\n` })
      expect(heard).toEqual({
        action: 'Erase certificate',
        call: 'payload',
        body: '{"virtualmachineid":"x"}',
        ...(way === 'remote' ? { authorization: `Bearer ${token}` } : {}),
      })
      answer = (_request, response) => response.writeHead(409).end(text)
      expect(await call(conf[way])).toMatchObject({ exit: 1, stdout: `${text}\n` })
    },
  )

  test.each(['socket', 'remote'] as const)(
    '%s: a daemon that hangs: 1, with a sentence, in time',
    async (way) => {
      answer = () => undefined
      const hung = call(conf[way], 3)
      await expect
        .poll(() => commandLines().filter((line) => line.includes(payload) && line.startsWith('curl')), {
          timeout: 2_500,
        })
        .not.toEqual([])
      // the token is in no argument, and in no environment that a list of processes shows
      expect(commandLines().filter((line) => line.includes(token))).toEqual([])
      expect(await hung).toMatchObject({
        exit: 1,
        message: expect.stringMatching(/not answer in time.* \[call payload\]$/),
      })
    },
  )

  test('a daemon that hangs in the middle of its answer: 1, whatever its status was', async () => {
    answer = (_request, response) => response.write('{"status":"success",')
    expect(await call(conf.socket, 2)).toMatchObject({ exit: 1, message: expect.stringMatching(/in time/) })
  })

  test.each([true, false])('an answer of 1 MiB, its length announced: %s', async (announced) => {
    const long = 'x'.repeat(1024 * 1024)
    answer = (_request, response) => {
      if (announced) response.setHeader('content-length', long.length)
      response.write(long.slice(0, 100))
      response.end(long.slice(100))
    }
    expect(await call(conf.socket)).toMatchObject({ exit: 1, message: expect.stringMatching(/too long/) })
  })

  test('no daemon, at neither place', async () => {
    const nowhere = join(dir, 'nowhere.conf')
    await writeFile(nowhere, 'FERRULE_SOCKET=/nonexistent.sock\n')
    expect(await call(nowhere)).toMatchObject({
      exit: 1,
      message: expect.stringMatching(/does not answer.* \[call payload\]$/),
    })
    await writeFile(nowhere, `FERRULE_URL=https://127.0.0.1:1\nFERRULE_TOKEN_FILE='${join(dir, 'token')}'\n`)
    expect(await call(nowhere)).toMatchObject({ exit: 1, message: expect.stringMatching(/does not answer/) })
  })

  test('a wrong token: 1, with what the daemon says; none, or one that is no token: nothing is sent', async () => {
    answer = (_request, response) => response.end('{}')
    expect(await call(conf.wrongToken)).toMatchObject({ exit: 1, message: 'unknown token' })
    const odd = join(dir, 'odd.conf')
    for (const text of ['', '"\nurl = "https://elsewhere.example']) {
      await writeFile(join(dir, 'odd-token'), text)
      await writeFile(
        odd,
        `FERRULE_URL=https://127.0.0.1:1\nFERRULE_TOKEN_FILE='${join(dir, 'odd-token')}'\n`,
      )
      expect(await call(odd)).toMatchObject({ exit: 1, message: expect.stringMatching(/holds no token/) })
    }
  })

  test('a certificate that is not the pinned one: nothing is sent', async () => {
    heard = { body: 'nothing' }
    expect(await call(conf.stranger)).toMatchObject({
      exit: 1,
      message: expect.stringMatching(/certificate/),
    })
    expect(heard).toEqual({ body: 'nothing' })
    const clear = join(dir, 'clear.conf')
    await writeFile(clear, `FERRULE_URL=http://127.0.0.1:1\nFERRULE_TOKEN_FILE='${join(dir, 'token')}'\n`)
    expect(await call(clear)).toMatchObject({ exit: 1, message: expect.stringMatching(/https/) })
  })

  test('settings of the user and of the machine change nothing', async () => {
    answer = (_request, response) => response.end('{"status":"success"}')
    await writeFile(join(dir, '.curlrc'), 'verbose\ninclude\noutput = /dev/null\n')
    const env = {
      HOME: dir,
      http_proxy: 'http://127.0.0.1:1',
      https_proxy: 'http://127.0.0.1:1',
      ALL_PROXY: 'http://127.0.0.1:1',
    }
    for (const way of [conf.socket, conf.remote])
      expect(await call(way, 5, 'status', env)).toMatchObject({ exit: 0, stdout: '{"status":"success"}\n' })
  })

  test('without curl, without a payload, under a name that is no text: 1, with a sentence', async () => {
    await writeFile(join(dir, 'empty'), '')
    const bare = await knock(`/bin/${shell}`, ['status', payload, '5'], conf.socket, {
      PATH: join(dir, 'no-bin'),
    })
    expect(bare).toMatchObject({
      exit: 1,
      stderr: '',
      message: expect.stringMatching(/curl is not installed/),
    })
    const gone = await knock(shell, ['status', join(dir, 'gone.json'), '5'], conf.socket)
    expect(gone).toMatchObject({
      exit: 1,
      stderr: '',
      message: expect.stringMatching(/payload file.* \[call gone\]$/),
    })
    // a name that is none can end neither the JSON nor the header
    const quoted = await knock(shell, ['status', join(dir, 'a"b\r\nc.json'), '5'], conf.socket)
    expect(quoted).toMatchObject({ stderr: '', message: expect.stringMatching(/ \[call unknown\]$/) })
    const odd = await knock(shell, ['stat\nus', payload, '5'], conf.socket)
    expect(odd).toMatchObject({ exit: 1, stderr: '', message: expect.stringMatching(/plain text/) })
  })

  test('a Java class name: 1, at once and silent, without asking anybody', async () => {
    heard = { body: 'nothing' }
    const said = await knock(shell, ['com.cloud.agent.api.PlugNicCommand', payload, '5'], conf.socket)
    expect(said).toMatchObject({ exit: 1, stdout: '', stderr: '' })
    expect(heard).toEqual({ body: 'nothing' })
  })

  test('a file of settings that is broken: not 0, and silent', async () => {
    const broken = join(dir, 'broken.conf')
    await writeFile(broken, 'FERRULE_SOCKET=(\n')
    await chmod(broken, 0o600)
    const said = await knock(shell, ['status', payload, '5'], broken)
    expect(said).toMatchObject({ stderr: '' })
    expect(said.exit).not.toBe(0)
  })
})
