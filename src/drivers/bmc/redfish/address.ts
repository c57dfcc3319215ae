import { isIPv6 } from 'node:net'
import { FerruleError } from '../../../domain/errors.ts'

/** Redfish is HTTPS alone (DSP0266 §13.2); its well-known port. */
const httpsPort = 443

export interface RedfishAddress {
  /** Name or IP literal, without brackets. */
  host: string
  port: number
  /** `host:port`, one spelling per BMC, so that two hosts entered differently still share one queue. */
  key: string
  /** For the Host header: a BMC may refuse one that names its own port (RFC 9110 §7.2 leaves that out). */
  authority: string
}

/** Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 literal; throws invalid-input. */
export function parseRedfishAddress(text: string): RedfishAddress {
  const trimmed = text.trim().toLowerCase()
  if (isIPv6(trimmed)) return address(trimmed, httpsPort)
  const parts = /^(?:\[([^\]]+)\]|([a-z\d.-]+))(?::(\d{1,5}))?$/.exec(trimmed)
  const host = parts?.[1] ?? parts?.[2]
  const port = Number(parts?.[3] ?? httpsPort)
  if (host === undefined || port < 1 || port > 65535 || (parts?.[1] !== undefined && !isIPv6(host))) {
    throw new FerruleError(
      'invalid-input',
      `The BMC address "${text}" cannot be used for Redfish.`,
      'Give an address or name, with the port after a colon if it is not 443, and IPv6 in brackets.',
      { field: 'address', address: text },
    )
  }
  return address(host, port)
}

function address(host: string, port: number): RedfishAddress {
  const name = host.includes(':') ? `[${host}]` : host
  const key = `${name}:${port}`
  return { host, port, key, authority: port === httpsPort ? name : key }
}
