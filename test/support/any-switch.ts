import { startGnmi } from '../../lab/switch/gnmi/server.ts'
import { type NetconfFault, startNetconf } from '../../lab/switch/netconf/server.ts'
import type { LineFault } from '../../lab/switch/ssh/dials.ts'
import { startTestSwitch } from '../../lab/switch/test-switch.ts'
import type { SwitchLease } from '../../src/domain/lease.ts'
import { openSwitchPorts } from '../../src/drivers/switch/engine.ts'
import { force10 } from '../../src/drivers/switch/force10/driver.ts'
import { gnmi } from '../../src/drivers/switch/openconfig/gnmi/driver.ts'
import { netconf } from '../../src/drivers/switch/openconfig/netconf/driver.ts'
import type { SwitchFence, SwitchPorts } from '../../src/drivers/switch/types.ts'
import { drivenSwitch, makes } from './cli-switch.ts'
import { type Kind, kinds, user } from './https-switch.ts'
import { startRig } from './https-switch-rig.ts'
import { restconfKind } from './restconf-switch.ts'

export interface Carried {
  untagged: number | null
  tagged: readonly number[]
  /** The LAG whose member the port is. */
  lag?: number
}

export interface AnyPort {
  /** As a rack file writes it. */
  written: string
  /** As the switch of the lab names it. */
  name: string
}

/** A switch, whatever its family, with the real engine and driver before it. */
export interface AnySwitch {
  ports: SwitchPorts
  hosts: readonly [AnyPort, AnyPort]
  /** As frames meet it now. */
  carries(name: string): Carried | Promise<Carried>
  /** Every change of what a port lets pass, in its order, from the first. */
  changes: readonly { port: string; carried: Carried }[]
  vlans(): number[] | Promise<number[]>
  /** The lease of the next change; one that nothing happens to, if absent. */
  lease?(): SwitchLease
  /** The nth request or line from now on that changes something meets this fault, once. */
  breakWrite(nth: number, fault: string): void
  readonly faults: readonly string[]
  saveLies(yes: boolean): void
  calm(): void
  reboot(): Promise<void> | void
  /** The numbers of which LAGs may be made, where the driver makes them. */
  lags?: readonly number[]
  /** Where a port is that is in no VLAN, on families that know no such thing: of no network. */
  nobodys: readonly number[]
  /** What somebody else puts a port into, where that is among the faults. */
  foreign: readonly Carried[]
  /** Changes that are neither there nor gone, such as a commit that waits for its confirmation. */
  unsettled(): number | Promise<number>
  stop(): Promise<void>
}

export type SwitchFamily = readonly [type: string, start: () => Promise<AnySwitch>]

/** Was there before us, and is nobody's whom we know. */
const FOREIGN_VLAN = 555

const fence: Omit<SwitchFence, 'ports'> = {
  vlanRange: { from: 100, to: 899 },
  pxeVlan: 10,
  quarantineVlan: 999,
}

async function startForce10(): Promise<AnySwitch> {
  const lags = [11, 12] as const
  const lab = await startTestSwitch('dell', { vlans: { 999: 'quarantine', [FOREIGN_VLAN]: 'theirs' } })
  const changes: { port: string; carried: Carried }[] = []
  const carries = (port: string): Carried => passing(lab.model.membership(port))
  // a port-channel has a number for a name, and is seen on its members, where frames meet it
  lab.model.onChange((port) => {
    if (port.includes('/')) changes.push({ port, carried: carries(port) })
  })
  const address = `${lab.address}:${lab.port}`
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: force10,
    endpoint: { address, username: 'admin', password: 'secret', insecure: true },
    fence: { ...fence, ports: new Set(['1/1', '1/2']), lagRange: { from: lags[0], to: lags[1] } },
    timeouts: { coalesceMs: 0, readRetryMs: [5, 20] },
  })
  return {
    ports,
    hosts: [
      { written: '1/1', name: '1/1' },
      { written: '1/2', name: '1/2' },
    ],
    carries,
    changes,
    vlans: () => [...lab.model.running.vlans.keys()],
    faults: ['refuseNext', 'halfApply', 'okButNothing'],
    breakWrite: (nth, fault) => void lab.setDials({ [fault]: nth + 1 }),
    saveLies: (yes) => void lab.setDials({ saveLies: yes }),
    calm: () => void lab.setDials({ refuseNext: 0, halfApply: 0, okButNothing: 0, saveLies: false }),
    reboot: () => lab.reboot(),
    lags,
    // a port that leaves its untagged VLAN falls into the default one
    nobodys: [1],
    foreign: [],
    unsettled: () => 0,
    async stop() {
      await ports.close()
      await lab.stop()
    },
  }
}

async function startCli(type: string, make: (typeof makes)[number][1]): Promise<AnySwitch> {
  const driven = await drivenSwitch(type, make, { fence: { ...fence } })
  const { model } = driven.lab
  const [first, second] = driven.names
  return {
    ports: driven.ports,
    hosts: [
      { written: first, name: first },
      { written: second, name: second },
    ],
    carries: (port) => model.membership(port),
    get changes() {
      return model.history.map(({ port, membership }) => ({ port, carried: membership }))
    },
    vlans: () => [...model.running.vlans.keys()],
    faults: ['refuse', 'swallow', 'drop-before', 'drop-after'],
    breakWrite(nth, fault) {
      // the names above are the dial's own
      model.dials.fault = { after: nth, kind: fault as LineFault, lasting: false }
    },
    saveLies(yes) {
      model.dials.saveLies = yes
    },
    calm() {
      model.dials.fault = null
      model.dials.saveLies = false
    },
    reboot: () => driven.lab.reboot(),
    nobodys: [],
    foreign: [],
    unsettled: () => 0,
    stop: driven.stop,
  }
}

async function startHttps(kind: Kind): Promise<AnySwitch> {
  const rig = await startRig(kind, 100)
  const { lab } = rig
  const [first, second] = kind.ports
  if (!first || !second) throw new Error('a kind of switch has two ports at least')
  const faults = ['error', 'error-after', 'drop', 'lose', 'nothing', 'half'] as const
  return {
    ports: rig.ports,
    hosts: [first, second],
    carries: (port) => passing(lab.model.membership(port)),
    get changes() {
      // a port-channel is seen on its members, where frames meet it
      const physical = lab.model.history.filter(({ port }) => !port.startsWith('Port-Channel'))
      return physical.map(({ port, membership }) => ({ port, carried: passing(membership) }))
    },
    vlans: () => [...lab.model.running.vlans.keys()],
    faults,
    ...(kind.lags ? { lags: kind.lags } : {}),
    breakWrite(nth, name) {
      const fault = faults.find((one) => one === name)
      if (!fault) return
      rig.breakWrite(nth, fault)
      const dial = lab.http.dials.fault
      lab.http.dials.fault = (ask) => {
        const met = dial(ask)
        return met === 'nothing' && kind.unseenSave?.(ask) ? 'error' : met
      }
    },
    saveLies(yes) {
      lab.http.dials.saveLies = yes
    },
    calm() {
      lab.http.dials.fault = () => null
      lab.http.dials.saveLies = false
    },
    reboot: () => lab.reboot(),
    nobodys: [],
    foreign: [],
    unsettled: () => lab.unsettled(),
    stop: rig.stop,
  }
}

async function startGnmiSwitch(): Promise<AnySwitch> {
  const [first, second] = ['Ethernet1', 'Ethernet2']
  const address = '127.0.0.1'
  const lab = await startGnmi({
    ...{ address, user, hosts: [first, second], uplinks: ['Ethernet49'], pxeVlan: fence.pxeVlan },
    vlans: [FOREIGN_VLAN, fence.quarantineVlan],
  })
  const { model } = lab
  const faults = ['error', 'drop', 'lose', 'nothing'] as const
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: gnmi,
    endpoint: { address: `${address}:${lab.port}`, ...user, fingerprint: lab.fingerprint },
    fence: { ...fence, ports: new Set([first, second]) },
    timeouts: { coalesceMs: 0, readRetryMs: [5, 20], connectMs: 20_000, requestMs: 30_000 },
  })
  return {
    ports,
    hosts: [
      { written: first, name: first },
      { written: ` ${second}`, name: second },
    ],
    carries: (port) => passing(model.membership(port)),
    get changes() {
      return model.history.map(({ port, membership }) => ({ port, carried: passing(membership) }))
    },
    vlans: () => [...model.running.vlans.keys()],
    faults,
    breakWrite(nth, name) {
      const fault = faults.find((one) => one === name)
      // a change of ports is one Set here, and a second one at most
      if (fault) lab.breakSet(nth % 2, fault)
    },
    // what is set is kept: there is no save
    saveLies: () => {},
    calm: () => lab.mend(),
    reboot: () => model.reboot(),
    nobodys: [],
    foreign: [],
    unsettled: () => 0,
    async stop() {
      await ports.close()
      await lab.stop()
    },
  }
}

async function startNetconfSwitch(): Promise<AnySwitch> {
  const [first, second] = ['Ethernet1', 'Ethernet2']
  const address = '127.0.0.1'
  const { username, password } = user
  const lab = await startNetconf({
    ...{ address, port: 0, hostname: 'tor1', user: { name: username, password } },
    ...{ hosts: [first, second], uplinks: ['Ethernet49'], pxeVlan: fence.pxeVlan },
    vlans: [FOREIGN_VLAN, fence.quarantineVlan],
  })
  const { model, dials } = lab
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: netconf,
    endpoint: { address: `${address}:${lab.port}`, ...user, fingerprint: lab.fingerprint },
    fence: { ...fence, ports: new Set([first, second]) },
    timeouts: { coalesceMs: 0, readRetryMs: [5, 20], connectMs: 20_000, requestMs: 2_500 },
  })
  return {
    ports,
    hosts: [
      { written: first, name: first },
      { written: ` ${second}`, name: second },
    ],
    carries: (port) => passing(model.membership(port)),
    get changes() {
      return model.history.map(({ port, membership }) => ({ port, carried: passing(membership) }))
    },
    vlans: () => [...model.running.vlans.keys()],
    faults: ['refuse', 'swallow', 'drop-before', 'drop-after', 'half'],
    breakWrite(nth, fault) {
      // the names above are the dial's own; edit, commit, confirmation, save
      dials.fault = { after: nth % 4, kind: fault as NetconfFault, lasting: false }
    },
    saveLies(yes) {
      dials.saveLies = yes
    },
    calm() {
      dials.fault = null
      dials.saveLies = false
    },
    reboot: lab.reboot,
    nobodys: [],
    foreign: [],
    unsettled: () => Number(lab.unconfirmed()),
    async stop() {
      await ports.close()
      await lab.stop()
    },
  }
}

function passing({ enabled, untagged, tagged, lag }: Carried & { enabled: boolean }): Carried {
  const vlans = enabled ? { untagged, tagged } : { untagged: null, tagged: [] }
  return lag === undefined ? vlans : { ...vlans, lag }
}

/** Every family of which the lab has a strict switch. */
export const anySwitches: readonly SwitchFamily[] = [
  ['Force10', startForce10],
  ...makes.map(([type, make]): SwitchFamily => [type, () => startCli(type, make)]),
  ...[...kinds, restconfKind].map((kind): SwitchFamily => [kind.driver.type, () => startHttps(kind)]),
  [gnmi.type, startGnmiSwitch],
  [netconf.type, startNetconfSwitch],
]
