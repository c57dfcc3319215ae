import type { Command, Reply } from '../message.ts'

/** A BMC's sensor record commands, and what goes wrong with them. */
export interface SdrBmc {
  records: Buffer[]
  /** Most bytes of a record in one reply. */
  most: number
  /** The repository is there; else the records are the controller's own. */
  repository: boolean
  /** LUNs of the controller's own records. */
  luns: number
  /** Reserve is there. */
  reservable: boolean
  /** Reads from now on until the reservation is cancelled; 0: never. */
  cancelAfter: number
  stamp: number
}

export function sdrBmc(
  records: Buffer[],
  bends: Partial<SdrBmc> = {},
): SdrBmc & { answer: (command: Command) => Reply } {
  const bmc: SdrBmc = {
    ...{ records, most: 255, repository: true, luns: 1, reservable: true, cancelAfter: 0, stamp: 1 },
    ...bends,
  }
  let reservation = 7
  let reads = 0

  function get(data: Buffer): Reply {
    const offset = data[4] ?? 0
    const count = data[5] ?? 0
    reads += 1
    if (bmc.cancelAfter !== 0 && reads % bmc.cancelAfter === 0) reservation += 1
    if (bmc.reservable && offset > 0 && data.readUInt16LE(0) !== reservation) return refusal(0xc5)
    const id = data.readUInt16LE(2)
    const index = id === 0 ? 0 : bmc.records.findIndex((record) => record.readUInt16LE(0) === id)
    const record = bmc.records[index]
    if (record === undefined) return refusal(0xcb)
    const wanted = count === 0xff ? record.length - offset : count
    if (wanted > bmc.most) return refusal(0xca)
    const next = Buffer.alloc(2)
    next.writeUInt16LE(bmc.records[index + 1]?.readUInt16LE(0) ?? 0xffff)
    return { completionCode: 0, data: Buffer.concat([next, record.subarray(offset, offset + wanted)]) }
  }

  function answer({ netFn, number, data }: Command): Reply {
    const own = netFn === 0x04
    if (own === bmc.repository) return refusal(0xc1)
    switch (number) {
      case 0x20: {
        if (own) return success([bmc.records.length, bmc.luns, bmc.stamp, 0, 0, 0])
        const info = Buffer.alloc(14)
        info[0] = 0x51
        info.writeUInt16LE(bmc.records.length, 1)
        info.writeUInt32LE(bmc.stamp, 5)
        return { completionCode: 0, data: info }
      }
      case 0x22:
        return bmc.reservable ? success([reservation & 0xff, reservation >> 8]) : refusal(0xc1)
      case own ? 0x21 : 0x23:
        return get(data)
      default:
        return refusal(0xc1)
    }
  }
  return Object.assign(bmc, { answer })
}

export function refusal(completionCode: number): Reply {
  return { completionCode, data: Buffer.alloc(0) }
}

export function success(data: readonly number[]): Reply {
  return { completionCode: 0, data: Buffer.from(data) }
}

/** A compact record of a discrete sensor (IPMI 2.0 table 43-2). */
export function compact(
  id: number,
  name: string,
  fields: { number?: number; states?: number; sharing?: number[] } = {},
): Buffer {
  const { number = id, states = 0x7fff, sharing = [0, 0] } = fields
  const mask = [states & 0xff, states >> 8]
  const body = [0x20, 0, number, 0x0a, 1, 0x7f, 0x40, 0x08, 0x6f, ...mask, ...mask, ...mask, 0xc0, 0, 0]
  const text = [0xc0 | name.length, ...Buffer.from(name)]
  const rest = [...body, ...sharing, 0, 0, 0, 0, 0, 0, ...text]
  return Buffer.from([id & 0xff, id >> 8, 0x51, 0x02, rest.length, ...rest])
}
