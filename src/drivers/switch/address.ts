/** "10.0.0.2", "10.0.0.2:8008", "tor1.example", "fe80::1" and "[fe80::1]:8008" of the rack file, in two parts. */
export function splitAddress(address: string, defaultPort: number): { host: string; port: number } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(address)
  if (bracketed?.[1]) return { host: bracketed[1], port: Number(bracketed[2] ?? defaultPort) }
  const parts = address.split(':')
  if (parts.length > 2) return { host: address, port: defaultPort }
  return { host: parts[0] ?? address, port: Number(parts[1] ?? defaultPort) }
}
