import { openSwitchPorts } from '../../../src/drivers/switch/engine.ts'
import { netconf } from '../../../src/drivers/switch/openconfig/netconf/driver.ts'
import type { AnySwitch, Carried } from '../../support/any-switch.ts'
import { ForeignHand } from './foreign-hand.ts'
import { carriedIn, netconfRoom } from './netconf-room.ts'
import { login, type NetconfSwitch, startNetconfSwitch } from './netconf-switch.ts'
import { fenceOf } from './switch-lease.ts'

type Datastore = 'candidate' | 'running'

const hosts = ['Ethernet1', 'Ethernet2'] as const
const faults = ['cut before', 'cut after', 'refused', 'ok but nothing', 'somebody else'] as const
const STRANGER = 555
/** What may change something. */
const WRITES = /<(?:edit-config|commit|copy-config|cancel-commit|lock)\b/
const VALIDATE =
  '<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="between"><validate><source><candidate/></source></validate></rpc>'

/**
 * A real netconfd for random sequences. Nothing but a request changes it, or that a session ends: so what it carries is
 * looked at before each of its answers goes out, and once more when all is over.
 */
export async function startNetconfSequence(target: Datastore): Promise<AnySwitch> {
  const at = await startNetconfSwitch([`--target=${target}`, '--with-startup=true'])
  const room = netconfRoom(at, target)
  await room.reset()
  for (const port of hosts) await room.foreignEdit(port, 10)
  await at.netconfd.ask('<copy-config><target><startup/></target><source><running/></source></copy-config>')
  const running = () => at.netconfd.ask('<get-config><source><running/></source></get-config>')
  const changes: { port: string; carried: Carried }[] = []
  const last = new Map<string, string>()
  let looked: Promise<void> = Promise.resolve()
  let over = false
  const look = () => {
    if (!over) looked = looked.then(lookNow)
    return looked
  }
  const lookNow = async () => {
    for (const [port, carried] of carriedIn(await running())) {
      if (last.get(port) === JSON.stringify(carried)) continue
      last.set(port, JSON.stringify(carried))
      changes.push({ port, carried })
    }
  }
  await look()
  const hand = new ForeignHand(() => room.foreignEdit('Ethernet1', STRANGER, 0).catch(() => undefined))
  const calm = () => {
    hand.rest()
    at.toSwitch = (message) => [message]
    at.toClient = async (message) => {
      if (message.includes('message-id="between"')) return []
      await look()
      return [message]
    }
  }
  calm()
  const ports = openSwitchPorts({
    id: 'tor1',
    driver: netconf,
    endpoint: { address: at.address, ...login, fingerprint: at.fingerprint },
    fence: fenceOf(...hosts),
    timeouts: { coalesceMs: 0, connectMs: 20_000, requestMs: 2_500, readRetryMs: [100, 500, 1_000] },
  })
  return {
    ports,
    hosts: [
      { written: 'Ethernet1', name: 'Ethernet1' },
      { written: ' Ethernet2', name: 'Ethernet2' },
    ],
    async carries(port) {
      const carried = carriedIn(await running()).get(port)
      if (!carried) throw new Error(`netconfd has no ${port}`)
      return carried
    },
    changes,
    async vlans() {
      return [...(await running()).matchAll(/<vlan-id>(\d+)</g)].map(([, vlan]) => Number(vlan))
    },
    lease: () => hand.lease(),
    faults: target === 'candidate' ? faults : faults.filter((fault) => fault !== 'ok but nothing'),
    breakWrite(nth, fault) {
      if (fault === 'somebody else') hand.reachIn(nth % 5)
      else breakNth(at, nth, fault)
    },
    saveLies(yes) {
      // what it says ok to, or, without a candidate, what it does not know
      const nothing = target === 'candidate' ? '<discard-changes/>' : '<nonsense/>'
      if (yes)
        at.toSwitch = (message) => [message.includes('<copy-config>') ? asking(nothing, message) : message]
    },
    calm,
    async reboot() {
      over = true
      await looked
      await at.netconfd.restart()
      over = false
      await look()
    },
    nobodys: [],
    foreign: [{ untagged: STRANGER, tagged: [] }],
    async unsettled() {
      await look()
      return 0
    },
    async stop() {
      await ports.close()
      over = true
      await looked
      await at.stop()
    },
  }
}

/** The same message with something else in it. */
function asking(operation: string, message: string): string {
  return message.replace(/(<rpc\b[^>]*>).*(<\/rpc>)/s, `$1${operation}$2`)
}

function breakNth(at: NetconfSwitch, nth: number, fault: string): void {
  let writes = 0
  let after = false
  const toClient = at.toClient
  at.toSwitch = (message, session) => {
    if (!WRITES.test(message)) return [message]
    writes += 1
    if (writes - 1 !== nth) return [message]
    if (fault === 'cut before') {
      session.cut()
      return []
    }
    if (fault === 'cut after') after = true
    if (fault === 'refused') return [asking('<nonsense/>', message)]
    return fault === 'ok but nothing' ? [VALIDATE, message] : [message]
  }
  at.toClient = async (message, session) => {
    const through = await toClient(message, session)
    if (!after) return through
    after = false
    session.cut()
    return []
  }
}
