import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts } from '../domain/host.ts'
import type { HostFacts, KnownInstance, RecoveryFacts, SeenHost, SeenPort } from '../domain/recovery/facts.ts'
import { runningVlans } from '../domain/recovery/ports.ts'
import { listNetworks } from '../store/catalogue.ts'
import { hostSituations } from '../store/hosts.ts'
import { listInstances } from '../store/instances.ts'
import { listCables } from '../store/racks.ts'
import { highestOperationNumber, ledgerByHost, unfinishedOperations } from '../store/recovery.ts'
import { cableFaults } from '../workflows/cable-faults.ts'
import { portRef } from '../workflows/cables.ts'
import { activitySince } from '../workflows/deploy-checks.ts'
import { type Pair, pairMachines } from '../workflows/pair-machines.ts'
import { highestNumber, toSeenMachine } from '../workflows/seen-machines.ts'
import { portKey, seePorts } from '../workflows/seen-ports.ts'
import { sideBySide } from '../workflows/side-by-side.ts'
import type { Services } from './context.ts'

const EVERYTHING = 1_000_000

/**
 * Reads everything that a recovery goes by, and changes nothing: the records, each marked machine in MAAS, every port
 * of the rack configurations, each host's power. Fails when MAAS does not answer; a switch or a BMC that does not is
 * told as such.
 */
export async function seeWorld(services: Services): Promise<RecoveryFacts> {
  const { db } = services.tools
  const [situations, instances, operations, ledger, networks, cables] = await Promise.all([
    hostSituations(db),
    listInstances(db, { all: true, limit: EVERYTHING }),
    unfinishedOperations(db),
    ledgerByHost(db),
    listNetworks(db),
    listCables(db),
  ])
  const { pairs, marked, notes } = await pairMachines(
    services.tools,
    situations.map(({ host }) => host),
    cables,
  )
  const ports = await seePorts(services.tools, [
    ...cables.map(portRef),
    ...pairs.flatMap(({ host }) => [...wiredPorts(host), ...(ledger.get(host.id) ?? [])]),
  ])
  const byId = new Map(
    instances.map((instance): [string, KnownInstance] => [
      instance.id,
      {
        instance,
        underWay: operations.find((one) => one.instanceId === instance.id)?.kind ?? null,
      },
    ]),
  )
  const hosts = await sideBySide(pairs, async (pair): Promise<HostFacts> => {
    const situation = situations.find(({ host }) => host.id === pair.host.id)
    const rows = ledger.get(pair.host.id) ?? []
    const operation = operations.find((one) => one.hostId === pair.host.id)
    return {
      recorded: {
        host: pair.host,
        known: pair.known,
        dirty: situation?.dirty ?? false,
        tenant: situation?.tenancy ? (byId.get(situation.tenancy.instanceId) ?? null) : null,
        operation: operation ? { number: operation.number, kind: operation.kind } : null,
        ledger: rows,
      },
      seen: await seeHost(services, pair, portsOf([...wiredPorts(pair.host), ...rows], ports)),
    }
  })
  return {
    numbers: { inMaas: highestNumber(services.tools, marked), ours: await highestOperationNumber(db) },
    hosts,
    instances: [...byId.values()].filter(({ instance }) => instance.state !== 'destroyed'),
    operations: operations.map(({ id, number, kind, host, instance }) => ({
      id,
      number,
      kind,
      host,
      instance,
    })),
    networks,
    notes: [...notes, ...strayPorts(ports, hosts)],
  }
}

function portsOf(
  refs: readonly { switchId: string; port: string }[],
  ports: ReadonlyMap<string, SeenPort>,
): SeenPort[] {
  const keys = new Set(refs.map(portKey))
  return [...keys].flatMap((key) => ports.get(key) ?? [])
}

async function seeHost(services: Services, pair: Pair, ports: SeenPort[]): Promise<SeenHost> {
  const { tools } = services
  const { host, known, machine } = pair
  const joins = machine !== null && !(known && (host.inPool || host.readOnly))
  const [power, activity, faults] = await Promise.all([
    known ? powerByBmc(services, host) : powerByMaas(services, host),
    machine ? activitySince(tools, machine.systemId, host.maasEventSeen) : null,
    joins ? cableFaults(tools, { ...host, systemId: machine.systemId }) : [],
  ])
  return {
    machine: machine && { ...toSeenMachine(tools, machine), activity },
    ports,
    ...power,
    cableFaults: faults,
  }
}

async function powerByBmc({ tools }: Services, host: Host): Promise<Pick<SeenHost, 'power' | 'powerFault'>> {
  try {
    return { power: await (await tools.bmc(host)).power(), powerFault: null }
  } catch (error) {
    if (!(error instanceof FerruleError)) throw error
    return { power: 'unknown', powerFault: error.message }
  }
}

/** A host without a record has no password of its own yet: MAAS asks its BMC. */
async function powerByMaas({ tools }: Services, host: Host): Promise<Pick<SeenHost, 'power' | 'powerFault'>> {
  const state = await tools.maas.queryPower(host.systemId ?? '')
  return state === 'on' || state === 'off'
    ? { power: state, powerFault: null }
    : { power: 'unknown', powerFault: `MAAS says ${state}` }
}

/** Ports of ours that carry a tenant VLAN and belong to no host: nobody can be told to clear them. */
function strayPorts(ports: ReadonlyMap<string, SeenPort>, hosts: readonly HostFacts[]): string[] {
  const owned = new Set(hosts.flatMap(({ seen }) => seen.ports.map(portKey)))
  return [...ports.values()].flatMap((port) => {
    const vlans = owned.has(portKey(port)) ? [] : runningVlans(port)
    return vlans.length === 0
      ? []
      : [
          `port ${port.port} of switch ${port.switchId} carries VLAN ${vlans.join(', ')}, and no host is known on it: put it into the PXE VLAN by hand before the VLAN is used again`,
        ]
  })
}
