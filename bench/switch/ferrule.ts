import { connect, createServer, type Socket } from 'node:net'
import type { SwitchLease } from '../../src/domain/lease.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { switchDriver } from '../../src/drivers/switch/registry.ts'
import type { PortState } from '../../src/drivers/switch/types.ts'
import { type Rack, to } from './rack.ts'

const wanted: PortState = { mode: 'trunk', untagged: to.untagged, tagged: [to.tagged], enabled: true }

const lease: SwitchLease = {
  kind: 'switch',
  id: 'tor1',
  holder: 'bench',
  signal: new AbortController().signal,
  check: async () => undefined,
}

/**
 * As many operations at once as there are ports, each with its own call, as in a deploy of a whole rack; login, read-back and the
 * engine's wait for others included.
 */
export async function moveByFerrule(rack: Rack, address: string): Promise<{ wallMs: number }> {
  const ports = openSwitchPorts({
    id: lease.id,
    driver: switchDriver('OVS'),
    endpoint: { address, username: 'none', password: 'none', insecure: true },
    fence: {
      ports: new Set(rack.ports),
      vlanRange: { from: 100, to: 899 },
      pxeVlan: 10,
      quarantineVlan: 999,
    },
  })
  try {
    const begun = performance.now()
    const moved = await Promise.all(
      rack.ports.map((port) => ports.ensurePorts(lease, new Map([[port, wanted]]))),
    )
    const wallMs = performance.now() - begun
    if (moved.some(([result]) => result?.changed !== true)) throw new Error('a port was not changed')
    return { wallMs }
  } finally {
    await ports.close()
  }
}

/** Counts the connections that are made to an address. */
export async function countLogins(
  address: string,
  work: (address: string) => Promise<unknown>,
): Promise<number> {
  const [host = '', port = ''] = address.split(':')
  let logins = 0
  const open = new Set<Socket>()
  const server = createServer((near) => {
    logins += 1
    const far = connect(Number(port), host)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  try {
    await work(`127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`)
    return logins
  } finally {
    for (const socket of open) socket.destroy()
    server.close()
  }
}
