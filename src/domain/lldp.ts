/** One neighbour as `lldpctl -f xml` prints it, and as MAAS keeps it from commissioning. */
export interface LldpNeighbour {
  interface: string
  chassis: string | null
  /** What the switch says it is. */
  description: string | null
  port: string
  managementAddress: string | null
}

/**
 * Reads lldpd's XML without a parser: the document is lldpd's own, flat and regular; what does not match is left out,
 * because an unseen neighbour proves nothing.
 */
export function lldpNeighbours(xml: string): LldpNeighbour[] {
  return [...xml.matchAll(/<interface\b[^>]*\bname="([^"]+)"[^>]*>([\s\S]*?)<\/interface>/g)].flatMap(
    ([, name, body = '']) => {
      const [chassis, portBody] = [inner(body, 'chassis') ?? '', inner(body, 'port') ?? '']
      const port = inner(portBody, 'id') ?? inner(portBody, 'descr')
      if (!name || !port) return []
      return [
        {
          interface: name,
          chassis: inner(chassis, 'name'),
          description: inner(chassis, 'descr'),
          port: port.trim(),
          managementAddress: inner(chassis, 'mgmt-ip'),
        },
      ]
    },
  )
}

/** Of the first element of this name; null if there is none, or nothing in it. */
function inner(xml: string, element: string): string | null {
  return new RegExp(`<${element}\\b[^>]*>([\\s\\S]*?)</${element}>`).exec(xml)?.[1] || null
}
