import type { Command } from './message.ts'

/** Application network function (IPMI 2.0 §5.1 table 5-1). */
export const appNetFn = 0x06

/** Get Device ID (IPMI 2.0 §20.1). */
export const getDeviceId: Command = {
  name: 'Get Device ID',
  netFn: appNetFn,
  number: 0x01,
  data: Buffer.alloc(0),
}

export interface DeviceId {
  /** Major and minor revision, as makers print it: "1.10". */
  firmware: string
  /** IANA enterprise number of the maker. */
  manufacturerId: number
  productId: number
  /** Keeps sensor records of its own, apart from a repository. */
  providesDeviceSdrs: boolean
  /** Additional device support (§20.1, byte 6). */
  sensors: boolean
  sdrRepository: boolean
  sel: boolean
  fru: boolean
}

/** Undefined if the reply is cut short. Bytes after the product id are optional. */
export function decodeDeviceId(data: Buffer): DeviceId | undefined {
  if (data.length < 11) return undefined
  const [, revision = 0, major = 0, minor = 0, , support = 0] = data
  return {
    // The minor revision is BCD; makers that count beyond write plain hexadecimal digits, which this prints too.
    firmware: `${major & 0x7f}.${minor.toString(16).padStart(2, '0')}`,
    manufacturerId: data.readUIntLE(6, 3) & 0xfffff,
    productId: data.readUInt16LE(9),
    providesDeviceSdrs: (revision & 0x80) !== 0,
    sensors: (support & 0x01) !== 0,
    sdrRepository: (support & 0x02) !== 0,
    sel: (support & 0x04) !== 0,
    fru: (support & 0x08) !== 0,
  }
}
