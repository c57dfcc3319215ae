import { createHmac } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CloudstackPart } from '../../lab/cloudstack/cloudstack.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Daemon, startDaemon } from '../../src/daemon.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'
import { cloudFindings } from '../../src/store/cloud-findings.ts'
import { askCloud, emptyCloud } from '../support/cloud.ts'
import { installInCloud } from '../support/cloud-site.ts'
import { createDatabase, type TestDatabase } from '../support/shared-postgres.ts'

const SECRET = 'the-key-of-the-webhook'
const WAIT = { timeout: 60_000, interval: 50 }

/** By itself this daemon looks at CloudStack once a day: what it knows sooner, a webhook made it look for. */
describe("a webhook of CloudStack's", () => {
  let dir: string
  let database: TestDatabase
  let cloud: CloudstackPart
  let daemon: Daemon
  beforeAll(async () => {
    dir = testFolder('cloud-webhook')
    database = await createDatabase()
    // its extension says yes to everything, so that CloudStack has VMs that nobody here has heard of
    cloud = await emptyCloud(dir)
    await installInCloud(cloud)
    const { apiKey, secretKey } = cloud.keys
    const put = (name: string, text: string) => writeFile(join(dir, name), text, { mode: 0o600 })
    await Promise.all([put('key', apiKey), put('secret', secretKey), put('hook', SECRET)])
    await put('database.url', database.url)
    await put(
      'ferrule.yaml',
      `listen: { port: 0 }
dataDir: ${dir}/data
database: { url: "file:${dir}/database.url" }
cloudstack: { api: { url: "${cloud.url}", every: 24h, key: "file:${dir}/key", secret: "file:${dir}/secret", webhookSecret: "file:${dir}/hook" } }
`,
    )
    daemon = await startDaemon(loadConfig({ file: join(dir, 'ferrule.yaml'), env: {} }), {
      log: () => undefined,
      env: {},
      onLeaseLost: () => undefined,
    })
  })
  afterAll(async () => {
    await daemon?.stop()
    await cloud?.stop()
    await database?.drop()
    await rm(dir, { recursive: true, force: true })
  })

  const seen = async () =>
    (await cloudFindings(daemon.services.tools.db)).map(({ code, name, looks }) => ({ code, name, looks }))
  const deploy = async (name: string, networkids: string) =>
    (
      await askCloud(cloud, 'deployVirtualMachine', {
        ...{ name, networkids, zoneid: cloud.state.zone.id },
        ...{ templateid: cloud.state.templates[0]?.id ?? '' },
        ...{ serviceofferingid: cloud.state.serviceOfferings[0]?.id ?? '' },
      })
    ).virtualmachine

  test('makes Ferrule look at once; what it says is not believed, and without the right signature it is nothing', async () => {
    const { id = '' } = cloud.state.networkOfferings[0] ?? {}
    const params = { name: 'blue', zoneid: cloud.state.zone.id, networkofferingid: id }
    const { network } = await askCloud(cloud, 'createNetwork', params)
    const first = await deploy('web1', network.id)
    const url = `${daemon.url}/cloudstack/webhook`
    const body = '{"event":"VM.CREATE","entityuuid":"of-no-vm"}'
    const post = (secret: string) =>
      fetch(url, {
        ...{ method: 'POST', body },
        headers: {
          'content-type': 'application/json',
          'x-cs-signature': createHmac('sha256', secret).update(body).digest('base64'),
        },
      }).then(({ status }) => status)
    expect(await post('guessed')).toBe(401)
    expect(await seen()).toEqual([])
    expect(await post(SECRET)).toBe(200)
    // CloudStack's own records were asked, and not what the webhook named
    await expect.poll(seen, WAIT).toEqual([{ code: 'vm-unknown', name: first.instancename, looks: 1 }])

    // the same by CloudStack itself, whose events come in quick succession
    await askCloud(cloud, 'createWebhook', { name: 'ferrule', payloadurl: url, secretkey: SECRET })
    const second = await deploy('web2', network.id)
    await expect
      .poll(async () => (await seen()).map(({ name }) => name).sort(), WAIT)
      .toEqual([first.instancename, second.instancename].sort())
    await askCloud(cloud, 'stopVirtualMachine', { id: first.id })
    await expect.poll(async () => (await seen()).map(({ name }) => name), WAIT).toEqual([second.instancename])
  })
})
