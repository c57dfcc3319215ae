import { openSwitchPorts } from '../../../src/drivers/switch/engine.ts'
import { ovsdb } from '../../../src/drivers/switch/ovsdb/driver.ts'
import type { AnySwitch, Carried } from '../../support/any-switch.ts'
import { CutLine, type Fate } from './cut-line.ts'
import { ForeignHand } from './foreign-hand.ts'
import { ovsRoom } from './ovs-room.ts'
import { PortWatch } from './port-watch.ts'
import { fenceOf } from './switch-lease.ts'

const fates: readonly Fate[] = ['request lost', 'answer lost', 'refused']
const hosts = ['swp1', 'swp2'] as const
const STRANGER = 555

/** A real Open vSwitch for random sequences: what its database let pass after each of its transactions is remembered. */
export async function startOvsSequence(): Promise<AnySwitch> {
  const { ovs, row } = await ovsRoom()
  const access = (port: string, tag: number) =>
    ovs.vsctl('set', 'port', port, 'vlan_mode=access', `tag=${tag}`, 'trunks=[]')
  for (const port of hosts) await access(port, 10)
  await ovs.vsctl('set', 'port', 'up1', 'vlan_mode=trunk', 'trunks=[101,102,103]')
  const line = await CutLine.open(ovs.address)
  const hand = new ForeignHand(() => access('swp1', STRANGER))
  const watched = () => new PortWatch(`unix:${ovs.runFolder}/db.sock`)
  let watch = watched()
  await watch.begun()
  const changes: { port: string; carried: Carried }[] = []
  const carries = async (port: string) => carriedBy(await row(port))
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: ovsdb,
    endpoint: { address: line.address, username: 'none', password: 'none' },
    fence: fenceOf(...hosts),
    timeouts: { coalesceMs: 0, connectMs: 20_000, requestMs: 20_000, readRetryMs: [5, 20] },
  })
  return {
    ports,
    hosts: [
      { written: 'swp1', name: 'swp1' },
      { written: ' swp2', name: 'swp2' },
    ],
    carries,
    get changes() {
      changes.push(...watch.take())
      return changes
    },
    // there are none apart from what ports carry
    vlans: () => [],
    lease: () => hand.lease(),
    faults: [...fates, 'somebody else'],
    breakWrite(nth, fault) {
      const fate = fates.find((one) => one === fault)
      if (fate) line.set({ request: nth + 1, fate, dead: false })
      else hand.reachIn(nth % 3)
    },
    // what is written is kept
    saveLies: () => {},
    calm() {
      line.mend()
      hand.rest()
    },
    async reboot() {
      await ovs.stopDatabase()
      await watch.stop()
      changes.push(...watch.take())
      await ovs.startDatabase()
      watch = watched()
      await watch.begun()
    },
    nobodys: [],
    foreign: [{ untagged: STRANGER, tagged: [] }],
    // who watches hears of a change a moment after who wrote it
    async unsettled() {
      const now = await Promise.all(hosts.map(carries))
      return hosts.filter(
        (port, index) => JSON.stringify(watch.last.get(port)) !== JSON.stringify(now[index]),
      ).length
    },
    async stop() {
      await ports.close()
      line.close()
      await watch.stop()
      await ovs.stop()
    },
  }
}

/** "native-untagged 101 [102, 103]" */
function carriedBy(row: string): Carried {
  const [, mode, tag, trunks] = /^(\S+) (\d+) \[(.*)\]$/.exec(row) ?? []
  if (mode === undefined) throw new Error(`a port of Open vSwitch has ${row}`)
  const tagged = mode === 'access' ? [] : (trunks?.match(/\d+/g) ?? []).map(Number)
  return { untagged: Number(tag), tagged: tagged.sort((a, b) => a - b) }
}
