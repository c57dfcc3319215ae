/** The BMC's slave address and the remote console's software id (IPMI 2.0 §5.4, §5.5; layout: §13.8 figure 13-4). */
const bmcAddress = 0x20
const consoleAddress = 0x81

/** A command: network function (§5.1 table 5-1), number and request data. */
export interface Command {
  /** For a person, in messages. */
  name: string
  netFn: number
  number: number
  data: Buffer
  /** Logical unit of the BMC that it is for; 0 unless a sensor sits behind another one. */
  lun?: number
  /** USER is what every session has (IPMI 2.0 appendix G lists the levels); without this, OPERATOR is asked for first. */
  level?: 'user'
}

export interface Reply {
  completionCode: number
  data: Buffer
}

export function encodeRequest(command: Command, requestSequence: number): Buffer {
  const { data } = command
  const message = Buffer.allocUnsafe(7 + data.length)
  message[0] = bmcAddress
  message[1] = (command.netFn << 2) | (command.lun ?? 0)
  message[2] = checksum(message, 0, 2)
  message[3] = consoleAddress
  message[4] = requestSequence << 2
  message[5] = command.number
  data.copy(message, 6)
  message[6 + data.length] = checksum(message, 3, 6 + data.length)
  return message
}

/**
 * The reply to that request, or undefined: another request's, or malformed. Addresses and checksums are not compared.
 * Some BMCs get them wrong (FreeIPMI has the work-around "nochecksumcheck" for them; go-ipmi's server answers to 20h),
 * and in a session the packet's HMAC has vouched for more than a checksum can.
 */
export function decodeReply(message: Buffer, command: Command, requestSequence: number): Reply | undefined {
  if (message.length < 8) return undefined
  // A response carries the request's network function plus one.
  if ((message[1] ?? 0) >> 2 !== command.netFn + 1) return undefined
  if ((message[4] ?? 0) >> 2 !== requestSequence || message[5] !== command.number) return undefined
  return { completionCode: message[6] ?? 0xff, data: Buffer.from(message.subarray(7, message.length - 1)) }
}

/** Two's complement: with its checksum the sum is zero modulo 256. */
function checksum(message: Buffer, start: number, end: number): number {
  let sum = 0
  for (let index = start; index < end; index += 1) sum += message[index] ?? 0
  return -sum & 0xff
}
