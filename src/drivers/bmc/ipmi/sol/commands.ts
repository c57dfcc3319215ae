import { appNetFn } from '../device-id.ts'
import type { Command } from '../message.ts'

/** Payload type SOL, instance 1: the one serial port (IPMI 2.0 §24.1 table 24-2). */
const solInstance = [0x01, 0x01] as const

/**
 * Activate Payload (§24.1): encrypted and authenticated in both directions; alerts over the same serial port fail
 * meanwhile; the BMC asserts CTS, DCD and DSR at once.
 */
export const activateSol: Command = {
  name: 'Activate Payload (SOL)',
  netFn: appNetFn,
  number: 0x48,
  data: Buffer.from([...solInstance, 0xc0, 0, 0, 0]),
}

/** Its own completion codes (table 24-2). */
export const activation = {
  alreadyActive: 0x80,
  disabled: 0x81,
  limitReached: 0x82,
  noEncryption: 0x83,
} as const

/** Deactivate Payload (§24.2). */
export const deactivateSol: Command = {
  name: 'Deactivate Payload (SOL)',
  netFn: appNetFn,
  number: 0x49,
  data: Buffer.from([...solInstance, 0, 0, 0, 0]),
}

/** Get Payload Instance Info (§24.5): the session that has the console. */
export const getSolOwner: Command = {
  name: 'Get Payload Instance Info (SOL)',
  netFn: appNetFn,
  number: 0x4b,
  data: Buffer.from(solInstance),
}

/** A session id; 0: nobody has it. Undefined if the reply is cut short. */
export function decodeSolOwner(data: Buffer): number | undefined {
  return data.length < 4 ? undefined : data.readUInt32LE(0)
}

/** Transport network function (§5.1 table 5-1), "this channel" (§6.3), parameter 1 "SOL enable" (§26.3 table 26-5). */
const transportNetFn = 0x0c
const thisChannel = 0x0e
const solEnable = 1

/** Get SOL Configuration Parameters (§26.3). */
export const getSolEnable: Command = {
  name: 'Get SOL Configuration Parameters',
  netFn: transportNetFn,
  number: 0x22,
  data: Buffer.from([thisChannel, solEnable, 0, 0]),
}

/** Set SOL Configuration Parameters (§26.2). */
export const setSolEnable: Command = {
  name: 'Set SOL Configuration Parameters',
  netFn: transportNetFn,
  number: 0x21,
  data: Buffer.from([thisChannel, solEnable, 1]),
}

/** Of a packet to the BMC, header included. */
const sizes = { least: 32, most: 255 } as const

/**
 * The inbound payload size that Activate Payload answers (table 24-2, bytes 6 and 7), within what can be true: many
 * boards report sizes that they do not take, or none.
 */
export function inboundSize(data: Buffer): number {
  const reported = data.length < 6 ? 0 : data.readUInt16LE(4)
  return Math.min(Math.max(reported, sizes.least), sizes.most)
}
