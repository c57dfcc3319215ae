/** A configuration with ports whose lists of VLANs are sets, as JSON and back. */
interface Config<Port extends { allowed: ReadonlySet<number> }, Vlan> {
  ports: Map<string, Port>
  vlans: Map<number, Vlan>
}

export interface PlainConfig {
  ports: [string, Record<string, unknown> & { allowed: number[] }][]
  vlans: [number, unknown][]
}

export function plainConfig<Port extends { allowed: ReadonlySet<number> }, Vlan>({
  ports,
  vlans,
}: Config<Port, Vlan>): PlainConfig {
  return {
    ports: [...ports].map(([name, port]) => [name, { ...port, allowed: [...port.allowed] }]),
    vlans: [...vlans],
  }
}

/** Of what `plainConfig` made of the same kind. */
export function configFromPlain<Port extends { allowed: ReadonlySet<number> }, Vlan>({
  ports,
  vlans,
}: PlainConfig): Config<Port, Vlan> {
  return {
    // written by the lab itself, from a Port and a Vlan
    ports: new Map(
      ports.map(([name, port]) => [name, { ...port, allowed: new Set(port.allowed) } as unknown as Port]),
    ),
    vlans: new Map(vlans as [number, Vlan][]),
  }
}
