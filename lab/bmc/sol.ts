import type { Machine } from '../world/types.ts'
import type { BmcDials } from './dials.ts'
import { PAYLOAD } from './packet.ts'
import type { Session, SessionTable } from './sessions.ts'
import { SolChannel } from './sol-channel.ts'
import { SolSettings } from './sol-settings.ts'

/** An IPMI or SOL payload on its way to the console of a session. */
export type SendPayload = (
  session: Session,
  message: { payloadType: number; payload: Buffer; encrypted: boolean },
) => void

export interface SolOptions {
  machine: Machine
  sessions: SessionTable
  dials: BmcDials
  send: SendPayload
}

interface Activation {
  session: Session
  encrypted: boolean
  channel: SolChannel
}

/** Serial over LAN of one BMC: one instance, for one session at a time. */
export class SerialOverLan {
  readonly settings = new SolSettings()
  /** Set User Payload Access may take the payload from the user. */
  allowedToUser = true
  private readonly options: SolOptions
  private activation: Activation | null = null

  constructor(options: SolOptions) {
    this.options = options
  }

  /** The session that has it; one that has ended has lost it. */
  owner(): Session | null {
    const { activation } = this
    if (activation === null) return null
    if (this.options.sessions.find(activation.session.bmcId) === activation.session) return activation.session
    this.deactivate(false)
    return null
  }

  activate(session: Session, encrypted: boolean): void {
    const { machine, dials } = this.options
    const send = (payload: Buffer) => {
      if (this.owner() === session)
        this.options.send(session, { payloadType: PAYLOAD.sol, payload, encrypted })
    }
    const { serialPort } = machine
    const powered = () => machine.power() === 'on'
    const channel = new SolChannel({ serialPort, settings: this.settings, dials, powered, send })
    this.activation = { session, encrypted, channel }
  }

  /** `tell`: somebody else ended it, so the console hears of it. */
  deactivate(tell: boolean): void {
    const { activation } = this
    if (activation === null) return
    activation.channel.stop(tell && !this.options.dials.solSilentTakeover)
    this.activation = null
  }

  /** A console's SOL payload; the acknowledgement, or null when this session has no SOL. */
  receive(
    session: Session,
    payload: Buffer,
    encrypted: boolean,
  ): { payload: Buffer; encrypted: boolean } | null {
    const { activation } = this
    if (this.owner() !== session || activation === null) return null
    // What was activated with encryption is not spoken without.
    if (activation.encrypted && !encrypted) return null
    const answer = activation.channel.receive(payload)
    return answer === null ? null : { payload: answer, encrypted: activation.encrypted }
  }
}
