import { type Answer, done, refused } from './answer.ts'
import { byteAt, le16, le32 } from './bytes.ts'
import type { Command, CommandContext } from './command.ts'
import { FRU_BYTES } from './fru.ts'
import { COMPLETION, NETFN } from './message.ts'
import { SEL_CAPACITY, SEL_RECORD_BYTES } from './sel.ts'
import { EVENT_SENSOR } from './sensor-table.ts'
import { PRIVILEGE } from './sessions.ts'

const VERSION = 0x51
/** Get SDR and Read FRU give at most so many bytes at a time, as boards with small buffers do. */
const PIECE_BYTES = 64
const SDR_HEADER_BYTES = 5
const WHOLE_RECORD = 0xff
/** Reserve is supported, and so on; no partial add. */
const SDR_OPERATIONS = 0x02
const SEL_OPERATIONS = { reserve: 0x02, delete: 0x08, overflow: 0x80 } as const

export const STORAGE_COMMANDS: readonly Command[] = [
  read(0x10, 1, fruInfo),
  read(0x11, 4, readFru),
  read(0x20, 0, sdrInfo),
  read(0x22, 0, ({ reservations }) => done(le16(reservations.takeSdr()))),
  read(0x23, 6, getSdr),
  read(0x28, 0, ({ clock }) => done(le32(clock.seconds()))),
  read(0x40, 0, selInfo),
  read(0x42, 0, ({ reservations }) => done(le16(reservations.takeSel()))),
  read(0x43, 6, getSelEntry),
  write(0x44, 16, addSelEntry),
  write(0x46, 4, deleteSelEntry),
  write(0x47, 6, clearSel),
  read(0x48, 0, ({ clock }) => done(le32(clock.seconds()))),
  write(0x49, 4, setSelTime),
  read(0x5c, 0, ({ clock }) => done(le16(clock.utcOffsetMinutes))),
  write(0x5d, 2, setUtcOffset),
]

function read(command: number, minBytes: number, run: Command['run']): Command {
  return { netFn: NETFN.storage, command, privilege: PRIVILEGE.user, minBytes, run }
}

function write(command: number, minBytes: number, run: Command['run']): Command {
  return { netFn: NETFN.storage, command, privilege: PRIVILEGE.operator, minBytes, run }
}

/** The one FRU device, 0. */
function fruInfo(_: CommandContext, data: Buffer): Answer {
  if (data[0] !== 0) return refused(COMPLETION.notPresent)
  return done(Buffer.concat([le16(FRU_BYTES), Buffer.from([0x00])]))
}

function readFru({ fru }: CommandContext, data: Buffer): Answer {
  if (data[0] !== 0) return refused(COMPLETION.notPresent)
  const offset = data.readUInt16LE(1)
  const count = byteAt(data, 3)
  if (offset >= fru.length) return refused(COMPLETION.parameterOutOfRange)
  if (count > PIECE_BYTES) return refused(COMPLETION.tooMuchAsked)
  const piece = fru.subarray(offset, offset + count)
  return done(Buffer.concat([Buffer.from([piece.length]), piece]))
}

function sdrInfo({ sdr }: CommandContext): Answer {
  return done(
    Buffer.concat([
      Buffer.from([VERSION]),
      le16(sdr.length),
      le16(0),
      le32(0),
      le32(0),
      Buffer.from([SDR_OPERATIONS]),
    ]),
  )
}

/** §33.12: reservation, record id, offset, count. The reservation counts for a piece from the middle only. */
function getSdr({ sdr, reservations }: CommandContext, data: Buffer): Answer {
  const id = data.readUInt16LE(2)
  const index = id === 0 ? 0 : id === 0xffff ? sdr.length - 1 : id - 1
  const record = sdr[index]
  if (record === undefined) return refused(COMPLETION.notPresent)
  const offset = byteAt(data, 4)
  const count = byteAt(data, 5)
  if (offset > 0 && !reservations.holdsSdr(data.readUInt16LE(0)))
    return refused(COMPLETION.reservationCancelled)
  if (offset >= record.length) return refused(COMPLETION.parameterOutOfRange)
  if (count !== WHOLE_RECORD && count > PIECE_BYTES + SDR_HEADER_BYTES)
    return refused(COMPLETION.tooMuchAsked)
  const piece = record.subarray(offset, count === WHOLE_RECORD ? record.length : offset + count)
  const next = index + 1 < sdr.length ? index + 2 : 0xffff
  return done(Buffer.concat([le16(next), piece]))
}

function selInfo({ sel, sensors }: CommandContext): Answer {
  sensors.scan()
  const free = Math.min(0xffff, (SEL_CAPACITY - sel.size) * SEL_RECORD_BYTES)
  const flags = SEL_OPERATIONS.reserve | SEL_OPERATIONS.delete | (sel.overflow ? SEL_OPERATIONS.overflow : 0)
  return done(
    Buffer.concat([
      Buffer.from([VERSION]),
      le16(sel.size),
      le16(free),
      le32(sel.lastAdded),
      le32(sel.lastErased),
      Buffer.from([flags]),
    ]),
  )
}

function getSelEntry({ sel, reservations }: CommandContext, data: Buffer): Answer {
  const offset = byteAt(data, 4)
  const count = byteAt(data, 5)
  if (offset > 0 && !reservations.holdsSel(data.readUInt16LE(0)))
    return refused(COMPLETION.reservationCancelled)
  const found = sel.find(data.readUInt16LE(2))
  if (found === null) return refused(COMPLETION.notPresent)
  if (offset >= SEL_RECORD_BYTES) return refused(COMPLETION.parameterOutOfRange)
  const piece = found.record.subarray(offset, count === WHOLE_RECORD ? SEL_RECORD_BYTES : offset + count)
  return done(Buffer.concat([le16(found.next), piece]))
}

function addSelEntry({ sel }: CommandContext, data: Buffer): Answer {
  const id = sel.addRecord(data)
  return id === null ? refused(COMPLETION.outOfSpace) : done(le16(id))
}

function deleteSelEntry({ sel, reservations }: CommandContext, data: Buffer): Answer {
  if (!reservations.holdsSel(data.readUInt16LE(0))) return refused(COMPLETION.reservationCancelled)
  const id = sel.delete(data.readUInt16LE(2))
  return id === null ? refused(COMPLETION.notPresent) : done(le16(id))
}

const CLEAR = Buffer.from('CLR')
const INITIATE = 0xaa
const ERASED = 0x01

/** §31.9: reservation, "CLR", then 0xAA to begin or 0 to ask how it goes. */
function clearSel({ sel, sensors, reservations }: CommandContext, data: Buffer): Answer {
  if (!reservations.holdsSel(data.readUInt16LE(0))) return refused(COMPLETION.reservationCancelled)
  const action = byteAt(data, 5)
  if (!data.subarray(2, 5).equals(CLEAR) || (action !== INITIATE && action !== 0))
    return refused(COMPLETION.invalidField)
  if (action === INITIATE) {
    sel.clear()
    // Table 42-3, 10h: log area reset or cleared.
    sensors.note(EVENT_SENSOR.eventLog, 2)
  }
  return done(Buffer.from([ERASED]))
}

function setSelTime({ clock }: CommandContext, data: Buffer): Answer {
  clock.set(data.readUInt32LE(0))
  return done()
}

function setUtcOffset({ clock }: CommandContext, data: Buffer): Answer {
  clock.utcOffsetMinutes = data.readInt16LE(0)
  return done()
}
