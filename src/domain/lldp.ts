/** One neighbour as `lldpctl -f xml` prints it, and as MAAS keeps it from commissioning. */
export interface LldpNeighbour {
  interface: string
  chassis: string | null
  port: string
  managementAddress: string | null
}

/**
 * Reads lldpd's XML without a parser: the document is lldpd's own, flat and regular; what does not match is left out,
 * because an unseen neighbour proves nothing.
 */
export function lldpNeighbours(xml: string): LldpNeighbour[] {
  return [...xml.matchAll(/<interface\b[^>]*\bname="([^"]+)"[^>]*>([\s\S]*?)<\/interface>/g)].flatMap(
    ([, name, body]) => {
      const portBody = /<port\b[^>]*>([\s\S]*?)<\/port>/.exec(body ?? '')?.[1] ?? ''
      const port =
        /<id\b[^>]*>([^<]+)<\/id>/.exec(portBody)?.[1] ?? /<descr\b[^>]*>([^<]+)<\/descr>/.exec(portBody)?.[1]
      if (!name || !port) return []
      return [
        {
          interface: name,
          chassis: /<chassis\b[^>]*>[\s\S]*?<name\b[^>]*>([^<]+)<\/name>/.exec(body ?? '')?.[1] ?? null,
          port: port.trim(),
          managementAddress: /<mgmt-ip\b[^>]*>([^<]+)<\/mgmt-ip>/.exec(body ?? '')?.[1] ?? null,
        },
      ]
    },
  )
}
