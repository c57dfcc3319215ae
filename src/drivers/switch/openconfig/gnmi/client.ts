import { type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { FerruleError } from '../../../../domain/errors.ts'
import type { HttpTarget } from '../../https/target.ts'
import type { SwitchEndpoint, SwitchTimeouts } from '../../types.ts'
import { leaseLost, refused, unauthorised, unreachable, untrusted } from '../errors.ts'
import { gnmiChannel, gnmiService } from './service.ts'
import { credentialsFor, WRONG_CERTIFICATE } from './trust.ts'

/** A channel is kept for the calls that come close together. */
const IDLE_MS = 3_000

export type Call = 'Capabilities' | 'Get' | 'Set'

/** Calls of one switch, over one kept channel. */
export class GnmiClient {
  readonly #target: HttpTarget
  readonly #timeouts: SwitchTimeouts
  readonly #metadata = new Metadata()
  #channel: Promise<Client> | null = null
  #users = 0
  #idle: NodeJS.Timeout | undefined

  constructor(target: HttpTarget, { username, password }: SwitchEndpoint, timeouts: SwitchTimeouts) {
    this.#target = target
    this.#timeouts = timeouts
    this.#metadata.set('username', username)
    this.#metadata.set('password', password)
  }

  /** @throws switch-unreachable, switch-auth, switch-refused, lease-lost when `signal` fires */
  async call(name: Call, request: object, signal?: AbortSignal): Promise<unknown> {
    const { address } = this.#target
    if (signal?.aborted) throw leaseLost(address)
    clearTimeout(this.#idle)
    this.#users += 1
    try {
      return await this.#exchange(await this.#open(), name, request, signal)
    } finally {
      this.#users -= 1
      if (this.#users === 0) {
        this.#idle = setTimeout(() => this.close(), IDLE_MS)
        this.#idle.unref()
      }
    }
  }

  close(): void {
    clearTimeout(this.#idle)
    const channel = this.#channel
    this.#channel = null
    channel?.then((one) => one.close()).catch(() => undefined)
  }

  #exchange(channel: Client, name: Call, request: object, signal?: AbortSignal): Promise<unknown> {
    const method = gnmiService()[name]
    if (!method) throw new Error(`gNMI has no ${name}`)
    const { requestMs } = this.#timeouts
    return new Promise((resolve, reject) => {
      const call = channel.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        this.#metadata,
        { deadline: Date.now() + requestMs },
        (error, answer) => {
          signal?.removeEventListener('abort', lost)
          if (error === null) resolve(answer)
          else reject(this.#fault(name, error, signal))
        },
      )
      const lost = () => call.cancel()
      signal?.addEventListener('abort', lost, { once: true })
    })
  }

  #fault(name: Call, { code, details }: ServiceError, signal?: AbortSignal): FerruleError {
    const { address } = this.#target
    if (signal?.aborted) return leaseLost(address)
    if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED) {
      return unauthorised(address, status[code] ?? String(code))
    }
    if (code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED || code === status.CANCELLED) {
      // Whoever is there by now is looked at anew.
      this.close()
      if (details.includes(WRONG_CERTIFICATE)) return untrusted(address, 'a certificate', WRONG_CERTIFICATE)
      if (/certificate|self.signed|altname/i.test(details))
        return untrusted(address, 'a certificate', details)
      return unreachable(address, details || (status[code] ?? String(code)))
    }
    return refused(address, name, details || (status[code] ?? String(code)), { grpcStatus: code })
  }

  #open(): Promise<Client> {
    if (this.#channel) return this.#channel
    const opening = credentialsFor(this.#target, this.#timeouts.connectMs).then((credentials) =>
      gnmiChannel(new URL(this.#target.origin).host, credentials),
    )
    this.#channel = opening
    opening.catch(() => {
      if (this.#channel === opening) this.#channel = null
    })
    return opening
  }
}
