import type { Command, Reply } from '../message.ts'
import { refusal, success } from './sdr-bmc.ts'

/** A BMC's event log, and what goes wrong with it. */
export interface SelBmc {
  /** Sixteen bytes each, in the order of the log. */
  records: Buffer[]
  /** Most bytes of a record in one reply. */
  most: number
  reservable: boolean
  /** Reads from now on until the reservation is cancelled; 0: never. */
  cancelAfter: number
}

export function selBmc(
  records: Buffer[],
  bends: Partial<SelBmc> = {},
): SelBmc & { answer: (command: Command) => Reply } {
  const bmc: SelBmc = { records, most: 255, reservable: true, cancelAfter: 0, ...bends }
  let reservation = 3
  let reads = 0

  function get(data: Buffer): Reply {
    const [, , , , offset = 0, count = 0] = data
    reads += 1
    if (bmc.cancelAfter !== 0 && reads % bmc.cancelAfter === 0) reservation += 1
    if (bmc.reservable && offset > 0 && data.readUInt16LE(0) !== reservation) return refusal(0xc5)
    const id = data.readUInt16LE(2)
    const index =
      id === 0
        ? 0
        : id === 0xffff
          ? bmc.records.length - 1
          : bmc.records.findIndex((it) => it.readUInt16LE(0) === id)
    const record = bmc.records[index]
    if (record === undefined) return refusal(0xcb)
    const wanted = count === 0xff ? 16 - offset : count
    if (wanted > bmc.most) return refusal(0xca)
    const next = Buffer.alloc(2)
    next.writeUInt16LE(bmc.records[index + 1]?.readUInt16LE(0) ?? 0xffff)
    return { completionCode: 0, data: Buffer.concat([next, record.subarray(offset, offset + wanted)]) }
  }

  function answer({ netFn, number, data }: Command): Reply {
    if (netFn !== 0x0a) return refusal(0xc1)
    if (number === 0x40) {
      const info = Buffer.alloc(14)
      info[0] = 0x51
      info.writeUInt16LE(bmc.records.length, 1)
      info[13] = bmc.reservable ? 0x02 : 0
      return { completionCode: 0, data: info }
    }
    if (number === 0x42) return success([reservation, 0])
    return number === 0x43 ? get(data) : refusal(0xc1)
  }
  return Object.assign(bmc, { answer })
}

/** "Presence detected" of sensor 1, a power supply, in record `id`. */
export function selRecord(id: number): Buffer {
  const rest = [0x02, 0, 0, 0, 0x6a, 0x20, 0, 4, 8, 1, 0x6f, 0, 0xff, 0xff]
  return Buffer.from([id & 0xff, id >> 8, ...rest])
}
