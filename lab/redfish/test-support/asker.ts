import { ManagementController } from '../../bmc/controller.ts'
import { type StubMachine, stubMachine } from '../../bmc/test-support/stub-machine.ts'
import type { Json } from '../resource.ts'
import { RedfishService } from '../service.ts'

export const USER = { username: 'maas', password: 'correct horse' }

export interface Ask {
  /** A string goes as it is, anything else as JSON. */
  body?: unknown
  headers?: Record<string, string>
  /** null: without credentials. */
  user?: { username: string; password: string } | null
}

export interface Answer {
  status: number
  headers: Record<string, string>
  json: Json
  /** Message keys of its extended information. */
  messages: string[]
}

/** A Redfish service over a stub machine, without sockets and with a clock of the test's own. */
export class Asker {
  /** Milliseconds of the steady clock. */
  now = 0
  readonly machine: StubMachine = stubMachine()
  readonly controller: ManagementController
  readonly service: RedfishService

  constructor() {
    const wallClock = () => Date.UTC(2026, 10, 23, 12)
    this.controller = new ManagementController(this.machine, { now: () => this.now, wallClock })
    this.service = new RedfishService(this.controller, { ipmiPort: 623, sshPort: 22, port: () => 443 })
  }

  ask(method: string, url: string, { body, headers = {}, user = USER }: Ask = {}): Answer {
    const basic = user === null ? {} : { authorization: `Basic ${btoa(`${user.username}:${user.password}`)}` }
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
    const answer = this.service.handle({ method, url, headers: { ...basic, ...headers }, body: text })
    const json: Json = answer.body.startsWith('{') ? JSON.parse(answer.body) : {}
    const info = JSON.stringify(json).matchAll(/"MessageId":"Base\.1\.18\.(\w+)"/g)
    return {
      status: answer.status,
      headers: answer.headers,
      json,
      messages: [...info].map(([, key = '']) => key),
    }
  }

  /** Paths below /redfish/v1. */
  get(path: string, headers: Record<string, string> = {}): Answer {
    return this.ask('GET', `/redfish/v1${path}`, { headers })
  }

  patch(path: string, body: unknown, headers: Record<string, string> = {}): Answer {
    return this.ask('PATCH', `/redfish/v1${path}`, { body, headers })
  }

  reset(type: unknown): Answer {
    return this.ask('POST', '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset', {
      body: { ResetType: type },
    })
  }

  logIn(user = USER): Answer {
    const body = { UserName: user.username, Password: user.password }
    return this.ask('POST', '/redfish/v1/SessionService/Sessions', { body, user: null })
  }
}
