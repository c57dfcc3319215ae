import { rackFile } from '../../lab/rack-file.ts'
import { applyRack, type RackView, rackViews } from '../../src/services/racks.ts'
import { admin, type Rig, startRig } from './rig.ts'
import { waitUntil } from './wait.ts'

/** As in a rack file. */
interface L2Switch {
  ip: string
  type: string
  username: string
  password: string
  fingerprint?: string
}

/** A rack whose one host, at rest, is wired to a switch that is polled once in ten years. */
export interface UnpolledSwitch {
  rig: Rig
  /** The ports that are not as wanted, as the records have it: "swp1 access untagged 999". */
  drift(): Promise<string[]>
  /** Waits until that is so. */
  drifts(...expected: string[]): Promise<void>
  /** Of its subscription, as the API tells it. */
  watch(): Promise<RackView['switches'][number]['watch'] | undefined>
  /** Events of this kind, the oldest first. */
  told(kind: string): Promise<string[]>
}

export async function startUnpolled(l2Switch: L2Switch, port: string): Promise<UnpolledSwitch> {
  const rig = await startRig({ racks: ['r2'], timeScale: 1000 })
  try {
    const added = await rig.enlist('r2-h2', { clean: true })
    if (added.state !== 'succeeded') throw new Error(`r2-h2 is ${added.state}`)
    await rewire(rig, l2Switch, port)
  } catch (error) {
    await rig.stop()
    throw error
  }
  const { services } = rig.core
  const view = async () => {
    const [rack] = await rackViews(services)
    return rack?.switches.find(({ address }) => address === l2Switch.ip)
  }
  const drift = async () => {
    const look = (await view())?.look
    if (!look) return ['not looked at']
    const found = look.drift.map(({ port, running }) => `${port} ${running}`)
    return look.failure === null ? found : [...found, look.failure]
  }
  return {
    rig,
    drift,
    async drifts(...expected) {
      let seen: string[] = []
      const isSo = async () => {
        seen = await drift()
        return JSON.stringify(seen) === JSON.stringify(expected)
      }
      await waitUntil(`drift is ${expected.join(', ') || 'none'}`, isSo, 60_000).catch((error: unknown) => {
        throw new Error(`${String(error)}; seen ${seen.join(', ') || 'none'}`)
      })
    },
    watch: async () => (await view())?.watch,
    async told(kind) {
      const { rows } = await services.tools.db.query<{ message: string }>(
        'select message from event where kind = $1 order by id',
        [kind],
      )
      return rows.map(({ message }) => message)
    },
  }
}

/** r2-h2's one cable goes to this switch, the others' stay where they are. */
async function rewire(rig: Rig, l2Switch: L2Switch, port: string): Promise<void> {
  const [nic] = rig.lab.world.machine('r2-h2').nics
  if (!nic) throw new Error('r2-h2 has no NIC')
  const { racks } = rackFile(rig.lab.plan)
  const others = racks.map((rack) => ({
    ...rack,
    hosts: rack.hosts.filter(({ mac }) => mac !== nic.mac),
  }))
  const file = { racks: [...others, { l2Switch, hosts: [{ mac: nic.mac, port }] }] }
  await applyRack(rig.core.services, admin, 'lab', JSON.stringify(file))
}
