import { type ChannelOptions, type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { FerruleError } from '../../../../domain/errors.ts'
import type { HttpTarget } from '../../https/target.ts'
import type { SwitchEndpoint, SwitchTimeouts } from '../../types.ts'
import { leaseLost, refused, unauthorised, unreachable, untrusted } from '../errors.ts'
import { gnmiChannel, gnmiService } from './service.ts'
import { credentialsFor, WRONG_CERTIFICATE } from './trust.ts'

/** A channel is kept for the calls that come close together. */
const IDLE_MS = 3_000

/** Asked more often without need, many a server hangs up: the library for Go takes five minutes for the least. */
const KEEPALIVE: ChannelOptions = { 'grpc.keepalive_time_ms': 330_000, 'grpc.keepalive_timeout_ms': 20_000 }

const ENDED = 'it ended the subscription'

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

  /**
   * One Subscribe on a channel of its own, until `signal` fires. `told` gets each message.
   * @throws switch-unreachable, switch-auth, switch-refused when the switch ends it
   */
  async subscribe(request: object, told: (message: unknown) => void, signal: AbortSignal): Promise<void> {
    const method = gnmiService().Subscribe
    if (!method) throw new Error('gNMI has no Subscribe')
    const channel = await this.#connect(KEEPALIVE)
    try {
      await new Promise<void>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = method
        const call = channel.makeBidiStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          this.#metadata,
        )
        const stop = () => call.cancel()
        signal.addEventListener('abort', stop, { once: true })
        const over = (error: ServiceError | null) => {
          signal.removeEventListener('abort', stop)
          if (signal.aborted) resolve()
          else reject(error ? this.#fault('Subscribe', error) : unreachable(this.#target.address, ENDED))
        }
        call.on('data', told)
        call.on('error', over)
        call.on('end', () => over(null))
        if (signal.aborted) stop()
        // the stream stays open at our end: to close it is to end the subscription
        call.write(request)
      })
    } finally {
      channel.close()
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

  #fault(name: Call | 'Subscribe', { code, details }: ServiceError, signal?: AbortSignal): FerruleError {
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
    const opening = this.#connect()
    this.#channel = opening
    opening.catch(() => {
      if (this.#channel === opening) this.#channel = null
    })
    return opening
  }

  async #connect(options?: ChannelOptions): Promise<Client> {
    const credentials = await credentialsFor(this.#target, this.#timeouts.connectMs)
    return gnmiChannel(new URL(this.#target.origin).host, credentials, options)
  }
}
