import type { WantedHost } from '../domain/drift.ts'
import { wantedHost, wantedPort } from '../domain/drift.ts'
import type { Host } from '../domain/host.ts'
import { portsOn } from '../domain/port-drift.ts'
import type { SeenPort } from '../domain/port-plan.ts'
import { carriesSame } from '../domain/port-plan.ts'
import type { Queryable } from '../store/database.ts'
import { hostSituations } from '../store/hosts.ts'
import { instanceById } from '../store/instances.ts'
import { listCables } from '../store/racks.ts'
import type { Services } from './context.ts'
import { findSwitch } from './switches.ts'

export interface HostOnSwitch {
  host: Host
  /** Null: an operation changes it, or nobody can say what it is to be like. */
  wanted: WantedHost | null
  instanceId: string | null
}

export interface SwitchPort {
  port: string
  mac: string
  /** Null: no host with this NIC is added. */
  host: string | null
  nic: string | null
  /** Null: nobody can say now. */
  wanted: SeenPort | null
  /** Null: the switch does not show it. */
  running: SeenPort | null
  saved: SeenPort | null
  differs: boolean
}

/** B6: wanted × running × saved of every port that a rack file gives us on one switch, read this moment by one login. */
export async function switchPorts(
  services: Services,
  key: string,
): Promise<{ switch: string; rack: string; ports: SwitchPort[] }> {
  const { tools } = services
  const { id, address, rack } = await findSwitch(services, key)
  const cables = await listCables(tools.db, id)
  const names = cables.map(({ port }) => port)
  const { ports: engine, row } = await tools.openSwitch(id)
  const [running, saved, hosts] = await Promise.all([
    engine.readPorts(names),
    engine.readSavedPorts(names),
    hostsOn(tools.db, id),
  ])
  const ports = cables.map(({ port, mac }): SwitchPort => {
    const on = hosts.find(({ host }) => portsOn(id, host).some((one) => one.port === port))
    const seen = { running: running.get(port) ?? null, saved: saved.get(port) ?? null }
    const wanted = on?.wanted
      ? wantedPort(on.wanted, { ...row, ...seen, switchId: id }, on.host.power.state)
      : null
    const isAsWanted = (one: SeenPort | null) => wanted === null || (one !== null && carriesSame(one, wanted))
    return {
      port,
      mac,
      host: on?.host.name ?? null,
      nic: on?.host.nics.find((nic) => nic.mac === mac)?.name ?? null,
      wanted,
      ...seen,
      differs: !isAsWanted(seen.running) || !isAsWanted(seen.saved),
    }
  })
  return { switch: address, rack, ports }
}

/** Those that are wired to it, and what each is to be like. */
export async function hostsOn(db: Queryable, switchId: string): Promise<HostOnSwitch[]> {
  return Promise.all(
    (await hostSituations(db, { switchId })).map(async (situation) => {
      const instanceId = situation.tenancy?.instanceId ?? null
      const instance = instanceId === null ? null : await instanceById(db, instanceId)
      const wanted = wantedHost(situation, instance)
      return { host: situation.host, instanceId, wanted: 'unknown' in wanted ? null : wanted }
    }),
  )
}
