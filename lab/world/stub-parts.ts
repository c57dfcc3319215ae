import type { BootAnswer, BootServer, Cable, DhcpServer, PortMembership, SwitchFabric } from './types.ts'

/** A fabric for tests of the world alone: every port is on `initial` until a test sets it. */
export interface StubFabric extends SwitchFabric {
  set(cable: Cable, membership: Partial<PortMembership>): void
}

export function stubFabric(initial: number): StubFabric {
  const ports = new Map<string, PortMembership>()
  const listeners: ((cable: Cable) => void)[] = []
  const key = (cable: Cable) => `${cable.switch} ${cable.port}`
  const membership = (cable: Cable) =>
    ports.get(key(cable)) ?? { enabled: true, untagged: initial, tagged: [] }
  return {
    membership,
    neighbour: (cable) => ({
      systemName: cable.switch,
      chassisMac: '02:00:00:00:00:01',
      portName: `TenGigabitEthernet ${cable.port}`,
      managementAddress: cable.switch,
    }),
    onChange: (listener) => listeners.push(listener),
    set(cable, change) {
      ports.set(key(cable), { ...membership(cable), ...change })
      for (const listener of listeners) listener(cable)
    },
  }
}

/** A MAAS for tests of the world alone. */
export interface StubBootServer extends BootServer {
  /** Answers of `boot` by MAC; a MAC that is not here gets no answer. */
  readonly answers: Map<string, BootAnswer>
  userData: string | null
  /** What came in, oldest first: "boot MAC", "fetch ID TOKEN", "finished ID TOKEN". */
  readonly heard: string[]
}

export function stubBootServer(vlan: number): StubBootServer {
  const answers = new Map<string, BootAnswer>()
  const heard: string[] = []
  return {
    vlan,
    answers,
    heard,
    userData: null,
    boot({ mac }) {
      heard.push(`boot ${mac}`)
      return answers.get(mac) ?? null
    },
    fetchUserData(systemId, token) {
      heard.push(`fetch ${systemId} ${token}`)
      return { userData: this.userData }
    },
    finished(systemId, token) {
      heard.push(`finished ${systemId} ${token}`)
    },
  }
}

/** A DHCP server that answers these MACs (or all), with CloudStack's metadata where it is given. */
export function stubDhcp(
  vlan: number,
  macs: readonly string[] | 'all',
  metadata?: { userData: string; sshKeys: string[]; hostname: string },
): DhcpServer {
  let last = 9
  const knows = (mac: string) => macs === 'all' || macs.includes(mac)
  const given = new Set<string>()
  const next = () => `10.${Math.floor(vlan / 256)}.${vlan % 256}.${++last}`
  return {
    name: `dhcp-${vlan}`,
    vlan,
    offer(mac) {
      if (!knows(mac)) return null
      const ip = next()
      given.add(ip)
      return { ip }
    },
    answer(from, { path }) {
      if (metadata === undefined || !given.has(from)) return null
      const served: Record<string, string> = {
        '/latest/user-data': metadata.userData,
        '/latest/meta-data/instance-id': `instance-${vlan}`,
        '/latest/meta-data/local-hostname': metadata.hostname,
        '/latest/meta-data/public-keys': metadata.sshKeys.join('\n'),
      }
      return served[path] ?? null
    },
  }
}
