import { decodeBootFlags } from '../../boot-flags.ts'
import { decodeChassisPower, getChassisStatus } from '../../commands.ts'
import { decodeDeviceId } from '../../device-id.ts'
import { recordedLogins, recordedSuiteRefusal } from '../../fixtures/recorded-logins.ts'
import { decodeGuid } from '../../guid.ts'
import { decodeReply } from '../../message.ts'
import { decodeOpenSession, decodeRakp2, decodeRakp4, type Handshake, sessionKeys } from '../../rakp.ts'
import {
  decodeInSession,
  decodePreSession,
  decodeSessionless,
  payloadType,
  type SessionKeys,
} from '../../rmcp.ts'
import { replay } from '../replayed-login.ts'
import { mutate } from './mutate.ts'

/** Packets of logins and commands, as BMCs that others wrote sent and took them. */
export const recordedPackets: readonly Buffer[] = [
  ...recordedLogins.flatMap((login) =>
    [login.open, login.rakp1, login.rakp3, login.command].flatMap((pair) => [pair.request, pair.reply]),
  ),
  recordedSuiteRefusal,
  '0600ff0700000000000000000010811c632000380001800400020000000021',
].map((hex) => Buffer.from(hex, 'hex'))

export interface PacketCounts {
  packets: number
  /** Of a login, as far as they could be read. */
  decoded: number
  /** In a session: their HMAC was right. */
  authentic: number
}

interface Login {
  handshake: Handshake
  keys: SessionKeys
}

/**
 * Damaged packets for every decoder below the session. None may throw, and none that was changed within its HMAC may
 * pass for one of the session.
 */
export function fuzzPackets(packets: number, random: (below: number) => number): PacketCounts {
  const logins: Login[] = recordedLogins.map((recorded) => {
    const { handshake } = replay(recorded)
    return { handshake, keys: sessionKeys(handshake) }
  })
  const counts: PacketCounts = { packets: 0, decoded: 0, authentic: 0 }
  for (; counts.packets < packets; counts.packets += 1) {
    const original = recordedPackets[random(recordedPackets.length)] ?? Buffer.alloc(0)
    const packet = mutate(original, random)
    const login = logins[random(logins.length)]
    if (login === undefined) throw new Error('no recorded login')
    if (decodesAsLogin(packet, login.handshake)) counts.decoded += 1
    decodeAsReply(packet)
    if (decodeInSession(login.keys, login.handshake.consoleId, packet) === undefined) continue
    counts.authentic += 1
    // Only the RMCP header lies outside the HMAC.
    if (!packet.subarray(4).equals(original.subarray(4)))
      throw new Error(`a changed packet passed: ${packet.toString('hex')}`)
  }
  return counts
}

const tags = new Set([1])

function decodesAsLogin(packet: Buffer, handshake: Handshake): boolean {
  const open = decodePreSession(packet, payloadType.openSessionResponse)
  if (open && decodeOpenSession(open, tags, handshake.suite, handshake.consoleId)) return true
  const rakp2 = decodePreSession(packet, payloadType.rakp2)
  if (rakp2 && decodeRakp2(rakp2, 1, handshake)) return true
  const rakp4 = decodePreSession(packet, payloadType.rakp4)
  return rakp4 !== undefined && decodeRakp4(rakp4, tags, handshake) !== undefined
}

function decodeAsReply(packet: Buffer): void {
  const message = decodeSessionless(packet)
  if (message) decodeReply(message, getChassisStatus, 0)
  decodeReply(packet, getChassisStatus, packet.length & 0x3f)
  decodeBootFlags(packet)
  decodeChassisPower(packet)
  decodeDeviceId(packet)
  decodeGuid(packet)
}
