import { FerruleError } from '../../../../domain/errors.ts'
import type { Channel } from '../client.ts'
import { completion } from '../completion-codes.ts'
import { refused } from '../errors.ts'
import type { Reply } from '../message.ts'
import { pause } from '../options.ts'
import { payloadType } from '../rmcp.ts'
import type { Session } from '../session.ts'
import {
  activateSol,
  activation,
  deactivateSol,
  decodeSolOwner,
  getSolEnable,
  getSolOwner,
  inboundSize,
  setSolEnable,
} from './commands.ts'

export interface Activated {
  session: Session
  /** Bytes of a packet to the BMC, header included. */
  inboundSize: number
  /** What the machine printed before anybody could listen. */
  early: Buffer[]
}

/** A BMC may need a moment between letting go of one console and opening the next. */
const tries = 4
/** Payloads that are kept until the console listens; the BMC repeats those beyond. */
const mostEarly = 64

/**
 * Activates SOL in the open session. Throws console-busy if another session has it and `takeOver` is false; `former` is
 * our own that was lost, which the BMC may not have noticed yet. The port and the VLAN in the answer are not looked at:
 * boards get them wrong, and the console comes to the socket that asked.
 */
export async function activate(
  channel: Channel,
  takeOver: boolean,
  former: number | undefined,
): Promise<Activated> {
  let enabled = false
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    if (attempt > 2) await pause(channel.settings.clock, channel.settings.retransmitMs)
    const session = await channel.session()
    const early: Buffer[] = []
    session.listen(payloadType.sol, {
      onPayload: (payload) => void (early.length < mostEarly && early.push(payload)),
      onEnd: () => undefined,
    })
    const reply = await channel.replyInSession(session, activateSol)
    // The BMC had forgotten the session: once more in a new one.
    if (reply === undefined) continue
    const code = reply.completionCode
    if (code === completion.ok) return { session, inboundSize: inboundSize(reply.data), early }
    if (code === activation.alreadyActive || code === activation.limitReached) {
      const owner = solOwner(await channel.reply(getSolOwner))
      // This session's, if the reply to the first copy of the command was lost.
      const ours = owner !== undefined && (owner === session.id || owner === former)
      if (!ours && !takeOver) throw busy(channel.address)
      await letGo(channel)
    } else if (code === activation.disabled && !enabled) {
      await enable(channel)
      enabled = true
    } else throw judge(channel.address, code)
  }
  throw busy(channel.address)
}

/** Whoever has it. That nobody has it any more is as good. */
async function letGo(channel: Channel): Promise<void> {
  const { completionCode } = await channel.reply(deactivateSol)
  if (completionCode === completion.insufficientPrivilege)
    throw refused(channel.address, deactivateSol.name, completionCode)
}

/** The session that has the console; 0: none; undefined: the BMC does not tell. */
export function solOwner(reply: Reply): number | undefined {
  return reply.completionCode === completion.ok ? decodeSolOwner(reply.data) : undefined
}

async function enable(channel: Channel): Promise<void> {
  const now = await channel.reply(getSolEnable)
  const on = now.completionCode === completion.ok && ((now.data[1] ?? 0) & 0x01) === 1
  // Enabled, and still refused: then it is the user who may not.
  if (on) throw userMayNot(channel.address)
  await channel.request(setSolEnable)
}

function judge(address: string, code: number): FerruleError {
  if (code === activation.disabled) return userMayNot(address)
  if (code === activation.noEncryption) {
    return new FerruleError(
      'bmc-unsupported',
      `BMC ${address} cannot encrypt its serial console.`,
      'Update its firmware: Ferrule opens no console in the clear.',
      { address },
    )
  }
  if (noSuchCommand.has(code)) {
    return new FerruleError(
      'bmc-unsupported',
      `BMC ${address} has no serial console over LAN.`,
      'Use the console that its own web page may have.',
      { address },
    )
  }
  return refused(address, activateSol.name, code)
}

const noSuchCommand: ReadonlySet<number> = new Set([0xc1, 0xc2, 0xcc, 0xd6])

function userMayNot(address: string): FerruleError {
  return new FerruleError(
    'bmc-refused',
    `BMC ${address} does not let this user open its serial console.`,
    'Enable SOL for the BMC user, e.g. with "ipmitool sol payload enable CHANNEL USER".',
    { address, command: activateSol.name, completionCode: activation.disabled },
  )
}

function busy(address: string): FerruleError {
  return new FerruleError(
    'console-busy',
    `Another session has the serial console of BMC ${address}.`,
    'Wait until it is closed, or take it over.',
    { address },
  )
}
