import { readCredentials } from '../credentials.ts'
import type { RecordedLogin } from '../fixtures/recorded-logins.ts'
import {
  decodeOpenSession,
  decodeRakp2,
  decodeRakp4,
  type Handshake,
  privilege,
  type Rakp2,
  type Rakp4,
} from '../rakp.ts'
import { decodePreSession, payloadType } from '../rmcp.ts'
import { type CipherSuite, cipherSuites } from '../suites.ts'

export interface ReplayedLogin {
  handshake: Handshake
  rakp2: Extract<Rakp2, { authCode: Buffer }>
  rakp4: Extract<Rakp4, { icv: Buffer }>
}

export function suiteOf(id: number): CipherSuite {
  const suite = cipherSuites.find((it) => it.id === id)
  if (suite === undefined) throw new Error(`no suite ${id}`)
  return suite
}

export function payloadOf(packet: string, type: number): Buffer {
  const payload = decodePreSession(Buffer.from(packet, 'hex'), type)
  if (payload === undefined) throw new Error('the recorded packet does not decode')
  return payload
}

/** Reads the BMC's half of a recorded login, as the client did. */
export function replay(recorded: RecordedLogin): ReplayedLogin {
  const suite = suiteOf(recorded.suite)
  const consoleId = payloadOf(recorded.open.request, payloadType.openSessionRequest).readUInt32LE(4)
  const openReply = payloadOf(recorded.open.reply, payloadType.openSessionResponse)
  const opened = decodeOpenSession(openReply, new Set([1]), suite, consoleId)
  if (opened === undefined || !('bmcId' in opened)) throw new Error('the recorded session did not open')
  const endpoint = { address: 'recorded', username: 'admin', password: 'secret' }
  const handshake: Handshake = {
    suite,
    privilege: privilege.operator,
    credentials: readCredentials(recorded.kg === undefined ? endpoint : { ...endpoint, kg: recorded.kg }),
    consoleId,
    bmcId: opened.bmcId,
    consoleRandom: payloadOf(recorded.rakp1.request, payloadType.rakp1).subarray(8, 24),
    bmcRandom: Buffer.alloc(16),
    bmcGuid: Buffer.alloc(16),
  }
  const rakp2 = decodeRakp2(payloadOf(recorded.rakp1.reply, payloadType.rakp2), 1, handshake)
  if (rakp2 === undefined || !('authCode' in rakp2)) throw new Error('the recorded RAKP 2 does not decode')
  handshake.bmcRandom = rakp2.bmcRandom
  handshake.bmcGuid = rakp2.bmcGuid
  const rakp4 = decodeRakp4(payloadOf(recorded.rakp3.reply, payloadType.rakp4), new Set([1]), handshake)
  if (rakp4 === undefined || !('icv' in rakp4)) throw new Error('the recorded RAKP 4 does not decode')
  return { handshake, rakp2, rakp4 }
}
