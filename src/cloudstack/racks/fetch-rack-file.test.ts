import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchRackFile, plainUrl } from './fetch-rack-file.ts'

let server: Server
let asked: string[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url === '/racks/moved') return response.writeHead(302, { location: '/racks/good' }).end()
    if (request.url === '/racks/none') return response.writeHead(404).end('no such file')
    if (request.url === '/racks/huge') return response.end(Buffer.alloc(5 * 1024 * 1024, ' '))
    if (request.url === '/racks/ref') return response.end('{"racks":[{"password":{"ref":"env:HOME"}}]}')
    if (request.url === '/racks/escaped')
      return response.end(String.raw`{"racks":[{"password":{"\u0072ef":"file:/etc/hostname"}}]}`)
    if (request.url === '/racks/yaml') return response.end('racks:\n  - password: { ? "ref" : "env:HOME" }\n')
    if (request.url === '/racks/nowhere') return response.end('racks: *nowhere\n')
    return response.end('{"racks":[]}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => server.close())

const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const take = (path: string) => fetchRackFile(`${origin()}${path}`, [`${origin()}/racks/`])

test('a file from where it may be taken', async () => {
  expect(await take('/racks/good')).toBe('{"racks":[]}')
})

test.each([
  ['elsewhere', '/other/good'],
  ['up and out of the folder', '/racks/../other/good'],
])('%s: not even asked for', async (_, path) => {
  asked = []
  await expect(take(path)).rejects.toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining('from where none is taken'),
    remedy: expect.stringContaining('cloudstack.racks.urls'),
  })
  await expect(fetchRackFile(`${origin()}${path}`, [])).rejects.toThrow('from where none is taken')
  await expect(fetchRackFile('file:///etc/passwd', ['http://127.0.0.1/'])).rejects.toThrow('none is taken')
  expect(asked).toEqual([])
})

test('an address with a user: not asked for, and the password is in no word of it', async () => {
  asked = []
  const start = origin().replace('//', '//me:secret@')
  const refused = fetchRackFile(`${start}/racks/good`, [`${start}/racks/`])
  await expect(refused).rejects.toMatchObject({
    code: 'invalid-input',
    message: `the address of ${origin()}/racks/good has a user or a password in it, which are sent to nobody`,
  })
  expect(asked).toEqual([])
})

test.each([
  ['/racks/moved', /could not be read/],
  ['/racks/none', /HTTP status 404/],
  ['/racks/huge', /more than 4 MiB/],
  ['/racks/ref', /names secrets of this machine/],
  ['/racks/escaped', /names secrets of this machine/],
  ['/racks/nowhere', /cannot be read: .*nowhere/],
  ['/racks/yaml', /names secrets of this machine/],
])('%s is refused', async (path, words) => {
  await expect(take(path)).rejects.toMatchObject({
    name: 'FerruleError',
    message: expect.stringMatching(words),
  })
})

test('an address is told without its user and query', () => {
  expect(plainUrl('http://me:secret@10.0.0.1/racks/a.json?token=1')).toBe('http://10.0.0.1/racks/a.json')
})
