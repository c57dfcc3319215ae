import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { selfSigned } from '../../lab/redfish/certificate.ts'
import { checkConfig, loadConfig } from '../../src/config/load.ts'
import { type Daemon, startDaemon } from '../../src/daemon.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { newToken } from '../../src/secrets/tokens.ts'
import { createToken, removeToken } from '../../src/services/tokens.ts'
import { knock } from '../peers/support/knock.ts'
import { createDatabase, type TestDatabase } from '../support/shared-postgres.ts'

/** The extension on a management server that has no daemon: HTTPS, with the certificate and the token of its settings. */
describe('the CloudStack door from another machine', () => {
  let dir: string
  let database: TestDatabase
  let daemon: Daemon
  const log: unknown[] = []
  beforeAll(async () => {
    dir = testFolder('door-remote')
    database = await createDatabase()
    const { key, certificate } = selfSigned('127.0.0.1', Date.now())
    await put('database.url', database.url)
    await put('door.key', key)
    await put('door.pem', certificate)
    await put(
      'payload.json',
      JSON.stringify({ virtualmachineid: 'e58036f7', virtualmachinename: 'i-2-8-VM' }),
    )
    daemon = await startDaemon(loadConfig({ file: await ferruleYaml('door.pem'), env: {} }), {
      log: (_level, message, data) => log.push({ message, call: data?.call }),
      env: {},
      onLeaseLost: () => undefined,
    })
  })
  afterAll(async () => {
    await daemon?.stop()
    await database?.drop()
    await rm(dir, { recursive: true, force: true })
  })

  async function put(name: string, text: string): Promise<string> {
    await writeFile(join(dir, name), text, { mode: 0o600 })
    return join(dir, name)
  }

  const ferruleYaml = (certificate: string) =>
    put(
      'ferrule.yaml',
      `listen: { port: 0 }
dataDir: ${dir}/data
database: { url: "file:${dir}/database.url" }
cloudstack: { listen: { host: 127.0.0.1, port: 0, certificate: ${certificate}, key: "file:door.key" } }
`,
    )

  async function why(token: string) {
    await put('token', token)
    const conf = await put(
      'extension.conf',
      `FERRULE_URL=${daemon.remote}\nFERRULE_TOKEN_FILE=${dir}/token\nFERRULE_CA_FILE=${dir}/door.pem\n`,
    )
    const said = await knock('sh', ['why', join(dir, 'payload.json'), '5'], conf)
    expect(said.stderr).toBe('')
    return said
  }

  test('a token of role cloudstack or admin opens it; a reader, a stranger and one that was removed do not', async () => {
    const { services } = daemon
    const issue = async (role: 'admin' | 'reader' | 'cloudstack') =>
      (await createToken(services, newToken, { name: role, role })).token
    const token = await issue('cloudstack')
    for (const one of [token, await issue('admin')])
      expect(await why(one)).toMatchObject({
        exit: 0,
        message: expect.stringMatching(/i-2-8-VM is unknown here/),
      })
    for (const one of [await issue('reader'), newToken().token])
      expect(await why(one)).toMatchObject({
        exit: 1,
        message: expect.stringMatching(/does not know the token.* \[call payload\]$/),
      })
    expect(log).toContainEqual({ message: 'CloudStack was refused', call: 'payload' })
    await removeToken(services, 'cloudstack')
    expect(await why(token)).toMatchObject({ exit: 1 })
  })

  test('a certificate of another key, or none, is named before the daemon starts', async () => {
    await put('other.pem', selfSigned('127.0.0.1', Date.now()).certificate)
    for (const [certificate, problem] of [
      ['other.pem', 'belongs to another key'],
      ['nothing.pem', 'is no file with a certificate in PEM'],
    ] as const)
      expect(checkConfig({ file: await ferruleYaml(certificate), env: {} }).faults).toMatchObject([
        { path: 'cloudstack.listen.certificate', problem },
      ])
  })
})
