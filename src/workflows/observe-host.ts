import type { ObservedHost, ObservedPort } from '../domain/drift.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { writtenPorts } from '../domain/host.ts'
import { ledgerOfHost } from '../store/ledger.ts'
import type { Tools } from './tools.ts'

/** Reads only, from the devices themselves. What does not answer is left open, and said. */
export async function observeHost(tools: Tools, host: Host): Promise<ObservedHost> {
  const unread: ObservedHost['unread'] = []
  const read = <T>(thing: string, reading: Promise<T>): Promise<T | null> =>
    reading.catch((error: unknown) => {
      if (!(error instanceof FerruleError) || error.code === 'database-unreachable') throw error
      unread.push({ thing, message: error.message })
      return null
    })
  const bmc = await read('BMC', tools.bmc(host))
  const [ports, power, bootDevice, machine] = await Promise.all([
    observePorts(tools, host, read),
    bmc && read('power', bmc.power()),
    bmc && read('boot device', bmc.bootDevice()),
    host.systemId ? read('MAAS', tools.maas.machine(host.systemId)) : null,
  ])
  if (power === 'unknown') unread.push({ thing: 'power', message: 'the BMC does not tell the power state' })
  return { ports, power: power ?? 'unknown', bootDevice, maas: machine?.status ?? null, unread }
}

type Read = <T>(thing: string, reading: Promise<T>) => Promise<T | null>

/**
 * Every wired port, and every port on which the ledger still knows the host: one reading per switch.
 * @param read what becomes of a reading that fails; by default it is thrown.
 */
export async function observePorts(
  tools: Tools,
  host: Host,
  read: Read = (_, reading) => reading,
): Promise<ObservedPort[]> {
  const named = new Map<string, Map<string, string | null>>()
  for (const { switchId, port } of await ledgerOfHost(tools.db, host.id)) of(named, switchId).set(port, null)
  for (const { switchId, port, nic } of writtenPorts(host)) of(named, switchId).set(port, nic)
  const bySwitch = await Promise.all(
    [...named].map(async ([switchId, nics]) => {
      const thing = `switch ${switchId}`
      const opened = await read(thing, tools.openSwitch(switchId))
      if (!opened) return []
      const { ports: engine, row } = opened
      const ports = [...nics.keys()]
      const [running, saved] = await Promise.all([
        read(thing, engine.readPorts(ports)),
        read(`${thing}, saved`, engine.readSavedPorts(ports)),
      ])
      return ports.map((port) => ({
        switchId,
        switch: row.address,
        port,
        nic: nics.get(port) ?? null,
        pxeVlan: row.pxeVlan,
        quarantineVlan: row.quarantineVlan,
        running: running?.get(port) ?? null,
        saved: saved?.get(port) ?? null,
      }))
    }),
  )
  return bySwitch.flat()
}

function of(named: Map<string, Map<string, string | null>>, switchId: string): Map<string, string | null> {
  const known = named.get(switchId) ?? new Map<string, string | null>()
  named.set(switchId, known)
  return known
}
