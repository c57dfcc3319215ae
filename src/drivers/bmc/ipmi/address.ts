import { isIPv4, isIPv6 } from 'node:net'
import { FerruleError } from '../../../domain/errors.ts'

/** RMCP's primary port (IPMI 2.0 §13.1.2, "Port 26Fh"). */
export const rmcpPort = 623

export interface BmcAddress {
  /** Name or IP literal, without brackets. */
  host: string
  port: number
  /** One spelling per BMC, so that two hosts entered differently still share one queue. */
  key: string
}

/** Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 literal; throws invalid-input. */
export function parseBmcAddress(text: string): BmcAddress {
  const trimmed = text.trim()
  if (isIPv6(trimmed)) return address(trimmed, rmcpPort)

  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(trimmed)
  if (bracketed) {
    const host = bracketed[1] ?? ''
    if (!isIPv6(host)) throw badAddress(text, 'what stands in brackets is not an IPv6 address')
    return address(host, parsePort(text, bracketed[2]))
  }

  const plain = /^([^:[\]/\s]+)(?::(\d{1,5}))?$/.exec(trimmed)
  if (!plain) throw badAddress(text, 'it is not host, host:port, [ipv6] or [ipv6]:port')
  const host = plain[1] ?? ''
  if (!isIPv4(host) && !isHostName(host))
    throw badAddress(text, 'the host is neither an IPv4 address nor a DNS name')
  return address(host, parsePort(text, plain[2]))
}

function address(host: string, port: number): BmcAddress {
  const lower = host.toLowerCase()
  return { host: lower, port, key: lower.includes(':') ? `[${lower}]:${port}` : `${lower}:${port}` }
}

/** RFC 1123 §2.1; a name of digits and dots alone would be a mistyped IPv4 address. */
function isHostName(host: string): boolean {
  if (host.length > 253 || /^[\d.]+$/.test(host)) return false
  return host.split('.').every((label) => /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i.test(label))
}

function parsePort(text: string, port: string | undefined): number {
  if (port === undefined) return rmcpPort
  const number = Number(port)
  if (number < 1 || number > 65535) throw badAddress(text, 'the port is not in 1-65535')
  return number
}

function badAddress(text: string, why: string): FerruleError {
  return new FerruleError(
    'invalid-input',
    `The BMC address "${text}" cannot be used: ${why}.`,
    'Give an address or name, with the port after a colon if it is not 623, and IPv6 in brackets.',
    { field: 'address', address: text },
  )
}
