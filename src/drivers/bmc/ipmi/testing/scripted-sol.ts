import { decodeSol, encodeSol } from '../sol/packet.ts'
import type { Received } from './received.ts'

/** The serial console of a scripted BMC: its commands, and characters both ways. */
export class ScriptedSol {
  /** Session that has it; 0: nobody. */
  owner = 0
  enabled = true
  /** Level that it wants, as completion code D4h below it. */
  privilege = 0
  inboundSize = 64
  /** The BMC has Get Payload Instance Info. */
  tellsOwner = true
  /** Answers to packets; false: it hears none. */
  hears = true
  typed = ''
  breaks = 0
  /** Acknowledges of ours that arrived. */
  readonly acknowledged: number[] = []
  #sequence = 0
  #lastHeard = 0

  /** Completion code and data; undefined: another command. */
  run(command: Received, session: number, privilege: number): [number, number[]] | undefined {
    switch (`${command.netFn}/${command.number}`) {
      case '6/72': // Activate Payload
        if (privilege < this.privilege) return [0xd4, []]
        if (!this.enabled) return [0x81, []]
        if (this.owner !== 0) return [0x80, []]
        this.owner = session
        this.#lastHeard = 0
        return [0, [0, 0, 0, 0, this.inboundSize, 0, this.inboundSize, 0, 0x6f, 0x02, 0xff, 0xff]]
      case '6/73': // Deactivate Payload
        if (this.owner === 0) return [0x80, []]
        this.owner = 0
        return [0, []]
      case '6/75': // Get Payload Instance Info
        return this.tellsOwner ? [0, [...uint32(this.owner), 1, 0, 0, 0, 0, 0, 0, 0]] : [0xc1, []]
      case '12/33': // Set SOL Configuration Parameters
        this.enabled = command.data[2] === 1
        return [0, []]
      case '12/34': // Get SOL Configuration Parameters
        return [0, [0x11, this.enabled ? 1 : 0]]
      default:
        return undefined
    }
  }

  /** The answer to a packet, if it wants one. */
  receive(payload: Buffer): Buffer | undefined {
    const packet = decodeSol(payload)
    if (packet === undefined || !this.hears) return undefined
    if (packet.acknowledges !== 0) this.acknowledged.push(packet.acknowledges)
    if (packet.sequence === 0) return undefined
    if (packet.sequence !== this.#lastHeard) {
      this.typed += packet.characters.toString()
      if ((packet.flags & 0x10) !== 0) this.breaks += 1
    }
    this.#lastHeard = packet.sequence
    return encodeSol({
      ...{ sequence: 0, acknowledges: packet.sequence, accepted: packet.characters.length, flags: 0 },
      characters: Buffer.alloc(0),
    })
  }

  /** A packet with what the machine prints. */
  printed(text: string): Buffer {
    this.#sequence = (this.#sequence % 15) + 1
    return encodeSol({
      ...{ sequence: this.#sequence, acknowledges: 0, accepted: 0, flags: 0 },
      characters: Buffer.from(text),
    })
  }
}

/** "The console is deactivated", without characters. */
export const deactivating = Buffer.from([0, 0, 0, 0x10])

function uint32(value: number): number[] {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return [...bytes]
}
