import { expect, test } from 'vitest'
import { decodeBootFlags } from './boot-flags.ts'
import { getChassisStatus } from './commands.ts'
import { recordedLogins, recordedSuiteRefusal } from './fixtures/recorded-logins.ts'
import { decodeReply } from './message.ts'
import { decodeOpenSession, decodeRakp2, decodeRakp4, sessionKeys } from './rakp.ts'
import { decodeInSession, decodePreSession, decodeSessionless, payloadType } from './rmcp.ts'
import { scripted } from './testing/fixture.ts'
import { mutate, seeded } from './testing/mutate.ts'
import { replay } from './testing/replayed-login.ts'

const packets = [
  ...recordedLogins.flatMap((login) =>
    [login.open, login.rakp1, login.rakp3, login.command].flatMap((pair) => [pair.request, pair.reply]),
  ),
  recordedSuiteRefusal,
  '0600ff0700000000000000000010811c632000380001800400020000000021',
].map((hex) => Buffer.from(hex, 'hex'))

test('20,000 damaged packets: no decoder throws, and none passes for one of the session', () => {
  const random = seeded(20_261_123)
  const logins = recordedLogins.map((recorded) => replay(recorded).handshake)
  const tags = new Set([1])
  let decoded = 0
  for (let round = 0; round < 20_000; round += 1) {
    const original = packets[random(packets.length)] ?? Buffer.alloc(0)
    const packet = mutate(original, random)
    const handshake = logins[random(logins.length)]
    if (handshake === undefined) throw new Error('no recorded login')

    const open = decodePreSession(packet, payloadType.openSessionResponse)
    if (open && decodeOpenSession(open, tags, handshake.suite, handshake.consoleId)) decoded += 1
    const rakp2 = decodePreSession(packet, payloadType.rakp2)
    if (rakp2 && decodeRakp2(rakp2, 1, handshake)) decoded += 1
    const rakp4 = decodePreSession(packet, payloadType.rakp4)
    if (rakp4 && decodeRakp4(rakp4, tags, handshake)) decoded += 1
    const message = decodeSessionless(packet)
    if (message) decodeReply(message, getChassisStatus, 0)
    decodeReply(packet, getChassisStatus, packet.length & 0x3f)
    decodeBootFlags(packet)

    const inSession = decodeInSession(sessionKeys(handshake), handshake.consoleId, packet)
    // Only the RMCP header lies outside the HMAC.
    if (inSession) expect(packet.subarray(4)).toEqual(original.subarray(4))
  }
  // Else the mutations are too rough to reach anything but the first length check.
  expect(decoded).toBeGreaterThan(200)
})

test('a hundred answers among five thousand damaged packets are all read rightly', async () => {
  const { bmc, client, lease } = await scripted({ requestTimeoutMs: 2000, retransmitMs: 200 })
  const random = seeded(7)
  bmc.noise = () =>
    Array.from({ length: 50 }, () => mutate(packets[random(packets.length)] ?? Buffer.alloc(1), random))
  for (let round = 0; round < 50; round += 1) {
    const wanted = random(2) === 0 ? 'on' : 'off'
    await (wanted === 'on' ? client.powerOn(lease) : client.powerOff(lease))
    expect(await client.power()).toBe(wanted)
  }
})
