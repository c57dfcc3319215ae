import type { Host } from '../../host.ts'
import type { Instance } from '../../instance.ts'
import { ipmiBmc } from '../../test-support/host-bmc.ts'
import type {
  HostFacts,
  KnownInstance,
  LiveOperation,
  PortVlans,
  RecordedHost,
  RecoveryFacts,
  SeenHost,
  SeenMachine,
  SeenPort,
} from '../facts.ts'
import { planRecovery } from '../plan.ts'

/** A host of one port, free and at rest, and what a test changes of it. */
export const networks = [
  { id: 'blue', name: 'blue', vlan: 101 },
  { id: 'green', name: 'green', vlan: 102 },
]
export const inventory = {
  cpuCount: 8,
  cpuSpeedMhz: 0,
  memoryMib: 1024,
  architecture: 'amd64',
  interfaces: [{ name: 'eno1', mac: '52:54:00:00:00:01' }],
  disks: [{ name: 'sda', serial: 'S1', model: '', size: 1 }],
}

export function host(name: string, more: Partial<Host> = {}): Host {
  return {
    id: `id-${name}`,
    name,
    systemId: `sys-${name}`,
    bmc: ipmiBmc(name),
    bootMac: '52:54:00:00:00:01',
    cpuCount: 8,
    cpuSpeedMhz: 0,
    memoryMib: 1024,
    architecture: 'amd64',
    tags: [],
    nics: [],
    disks: [],
    inPool: true,
    readOnly: false,
    attention: null,
    question: null,
    power: { state: 'off', at: null, since: null, lastKnown: null, failure: null },
    powerPolicy: 'report',
    maasEventSeen: 0,
    ...more,
  }
}

export function instance(name: string, state: Instance['state'], more: Partial<Instance> = {}): Instance {
  return {
    id: `id-${name}`,
    name,
    externalId: null,
    state,
    hostId: null,
    templateId: 't',
    offeringId: 'o',
    nics: [{ id: 'n1', networkId: 'blue', mac: '02:00:00:00:00:01', vlan: 101, isDefault: true }],
    erase: null,
    hostname: name,
    error: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    clearAt: null,
    systemNics: null,
    tenant: null,
    ...more,
  }
}

export const known = (one: Instance, underWay: string | null = null): KnownInstance => ({
  instance: one,
  underWay,
})
export const pxe = { untagged: 10, tagged: [] }
export const blue = { untagged: 101, tagged: [] }

export function port(running: PortVlans | null, more: Partial<SeenPort> = {}): SeenPort {
  return {
    switchId: 'tor',
    port: '1/1',
    pxeVlan: 10,
    quarantineVlan: 999,
    running,
    saved: running,
    fault: running ? null : 'it does not answer',
    learned: [],
    ...more,
  }
}

export const machine = (status: string, more: Partial<SeenMachine> = {}): SeenMachine => ({
  systemId: 'sys',
  status,
  mark: 'ours',
  instanceId: null,
  operation: null,
  bondMac: null,
  activity: null,
  inventory,
  ...more,
})

export function facts(seen: Partial<SeenHost>, recorded: Partial<RecordedHost> = {}): HostFacts {
  return {
    recorded: {
      host: host('h1'),
      known: true,
      dirty: false,
      tenant: null,
      operation: null,
      ledger: [],
      ...recorded,
    },
    seen: {
      machine: machine('Ready'),
      ports: [port(pxe)],
      power: 'off',
      powerFault: null,
      cableFaults: [],
      ...seen,
    },
  }
}

export function plan(
  hosts: HostFacts[],
  instances: KnownInstance[] = [],
  more: Partial<Pick<RecoveryFacts, 'operations' | 'numbers'>> = {},
) {
  const all: RecoveryFacts = {
    numbers: { inMaas: 14, ours: 9 },
    hosts,
    instances,
    operations: [] as LiveOperation[],
    networks,
    notes: [],
    ...more,
  }
  return planRecovery(all, (mac) => `nic-${mac}`)
}

/** The plan of one host, as its records would be afterwards. */
export function one(
  seen: Partial<SeenHost>,
  recorded: Partial<RecordedHost> = {},
  instances: KnownInstance[] = [],
) {
  const [made] = plan([facts(seen, recorded)], instances).hosts
  if (!made) throw new Error('a host went missing')
  return { verdict: made.verdict, changes: made.changes, ...made.outcome }
}
