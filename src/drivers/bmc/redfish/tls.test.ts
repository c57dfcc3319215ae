import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createRedfishDriver } from './driver.ts'
import { certificates } from './testing/certificates.ts'
import { startFakeBmc } from './testing/fake-bmc.ts'
import { type FakeBmc, user } from './testing/fake-types.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

async function bmcWith(certificate: keyof typeof certificates, port?: number): Promise<FakeBmc> {
  const fake = await startFakeBmc({ certificate, ...(port ? { port } : {}) })
  stops.push(() => fake.stop())
  return fake
}

function open(address: string, fingerprint?: string) {
  const driver = createRedfishDriver({ connectMs: 500, requestMs: 500 })
  stops.push(() => driver.close())
  const host = { id: '1', name: 'r1-h1', systemId: null }
  return driver.open({ address, ...user, host, ...(fingerprint ? { fingerprint } : {}) })
}

test('a certificate that nobody has trusted is named, with the command that trusts it; nothing is sent', async () => {
  const fake = await bmcWith('first')
  await expect(open(fake.address).power()).rejects.toMatchObject({
    code: 'bmc-untrusted',
    message: expect.stringContaining(fake.fingerprint),
    remedy: expect.stringContaining(`ferrule host trust r1-h1 ${fake.fingerprint}`),
    details: { fingerprint: fake.fingerprint },
  })
  expect(fake.seen).toEqual([])
})

test('the trusted one is enough, whoever signed it', async () => {
  const fake = await bmcWith('first')
  expect(await open(fake.address, fake.fingerprint).power()).toBe('off')
})

test('another one than the trusted is told loudly, also between two requests; nothing is sent to it', async () => {
  const first = await bmcWith('first')
  const bmc = open(first.address, first.fingerprint)
  expect(await bmc.power()).toBe('off')
  const port = Number(first.address.split(':')[1])
  await first.stop()
  const second = await bmcWith('second', port)
  await expect(bmc.power()).rejects.toMatchObject({
    code: 'bmc-untrusted',
    message: expect.stringMatching(/HAS CHANGED/),
    details: { fingerprint: certificates.second.fingerprint, trusted: certificates.first.fingerprint },
  })
  expect(second.seen).toEqual([])
})

test('a BMC that is away is unreachable', async () => {
  const fake = await startFakeBmc()
  await fake.stop()
  await expect(open(fake.address, fake.fingerprint).power()).rejects.toMatchObject({
    code: 'bmc-unreachable',
  })
})

test.each(['', 'SSH-2.0-dropbear\r\n'])(
  'one that says %j where TLS was expected is unreachable',
  async (greeting) => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined).write(greeting)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stops.push(async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    // Listening on TCP, so an AddressInfo.
    const { port } = server.address() as AddressInfo
    await expect(open(`127.0.0.1:${port}`).power()).rejects.toMatchObject({ code: 'bmc-unreachable' })
  },
)
