import { request } from 'node:https'
import { z } from 'zod'

export interface RedfishTarget {
  address: string
  port: number
  username: string
  password: string
}

/** What MAAS does to a machine by its Redfish service. */
export interface RedfishClient {
  power(): Promise<'on' | 'off'>
  on(): Promise<void>
  off(): Promise<void>
  cycle(): Promise<void>
  pxeOnce(): Promise<void>
  soft(): Promise<void>
}

/** What went wrong when the lab's MAAS talked to a Redfish service; `status` is null when there was no answer. */
export class RedfishClientError extends Error {
  readonly status: number | null

  constructor(message: string, status: number | null) {
    super(message)
    this.name = 'RedfishClientError'
    this.status = status
  }
}

const TIMEOUT_MS = 10_000
const systems = z.object({ Members: z.array(z.object({ '@odata.id': z.string() })).min(1) })
const system = z.object({ PowerState: z.string(), '@odata.etag': z.string().optional() })

/**
 * The Redfish client of the lab's MAAS, in the order of MAAS's own driver (provisioningserver/drivers/power/redfish.py): Basic
 * authentication, the first system, any certificate, If-Match with what was read just before, a hard off before an on, and
 * a PXE order after every off.
 */
export function redfish(target: RedfishTarget): RedfishClient {
  const ask = (method: string, path: string, body?: object, etag?: string) =>
    call(target, { method, path, body, etag })
  const first = async (): Promise<string> => {
    const { Members } = systems.parse(await ask('GET', '/redfish/v1/Systems'))
    return Members[0]?.['@odata.id'] ?? ''
  }
  const read = async (path: string) => system.parse(await ask('GET', path))
  const reset = async (type: string): Promise<void> => {
    await ask('POST', `${await first()}/Actions/ComputerSystem.Reset`, { ResetType: type })
  }
  const client: RedfishClient = {
    async power() {
      const { PowerState } = await read(await first())
      const state = PowerState.toLowerCase()
      // MAAS knows no states in between: it fails, and asks again later.
      if (state !== 'on' && state !== 'off') throw new RedfishClientError(`power state ${PowerState}`, null)
      return state
    },
    on: () => reset('On'),
    async off() {
      if ((await client.power()) !== 'off') await reset('ForceOff')
      await client.pxeOnce()
    },
    async cycle() {
      await reset('ForceOff')
      await reset('On')
    },
    async pxeOnce() {
      const path = await first()
      const etag = (await read(path))['@odata.etag']
      const boot = { BootSourceOverrideEnabled: 'Once', BootSourceOverrideTarget: 'Pxe' }
      await ask('PATCH', path, { Boot: boot }, etag)
    },
    soft: () => reset('GracefulShutdown'),
  }
  return client
}

interface Call {
  method: string
  path: string
  body: object | undefined
  etag: string | undefined
}

function call(
  { address, port, username, password }: RedfishTarget,
  { method, path, body, etag }: Call,
): Promise<unknown> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    accept: 'application/json',
    connection: 'close',
    ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...(etag === undefined ? {} : { 'if-match': etag }),
  }
  return new Promise((resolve, reject) => {
    const options = {
      method,
      host: address,
      port,
      path,
      headers,
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    }
    const sent = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('error', (error) => reject(new RedfishClientError(error.message, null)))
      response.on('end', () => {
        const status = response.statusCode ?? 0
        const answer = Buffer.concat(chunks).toString()
        if (status >= 400)
          reject(
            new RedfishClientError(`Redfish request failed with response status code: ${status}.`, status),
          )
        else resolve(answer === '' ? null : JSON.parse(answer))
      })
    })
    sent.on('timeout', () => sent.destroy(new Error('timed out')))
    sent.on('error', (error) => reject(new RedfishClientError(`BMC unreachable: ${error.message}`, null)))
    sent.end(text)
  })
}
