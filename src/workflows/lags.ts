import type { BondMode } from '../domain/bond-plan.ts'
import { FerruleError } from '../domain/errors.ts'
import type { Host } from '../domain/host.ts'
import { wiredPorts } from '../domain/host.ts'
import type { LagSwitch } from '../domain/lag.ts'
import { freeLag, inPreMadeLag, lagFault } from '../domain/lag.ts'
import { insertLag, lagsOfHost, takenLags } from '../store/lags.ts'
import { listSwitches } from '../store/racks.ts'
import type { Tools } from './tools.ts'

type Reading = Pick<Tools, 'db' | 'createsLags'>

/** What the planner has to know of the switches for a bond of this mode: nothing, unless it is 802.3ad. */
export async function lagSwitches(tools: Reading, mode: BondMode): Promise<ReadonlyMap<string, LagSwitch>> {
  if (mode !== '802.3ad') return new Map()
  const [switches, taken] = await Promise.all([listSwitches(tools.db), takenLags(tools.db)])
  return new Map(
    switches.map((row) => [
      row.id,
      {
        address: row.address,
        type: row.type,
        creates: tools.createsLags(row.type),
        range: row.lagRange,
        taken: new Set(taken.filter(({ switchId }) => switchId === row.id).map(({ number }) => number)),
      },
    ]),
  )
}

/** The LAG that the host has already, or that it would get now. By switch id; empty without 802.3ad. */
export async function plannedLags(
  tools: Reading & Pick<Tools, 'openSwitch'>,
  host: Host,
  mode: BondMode,
): Promise<Record<string, number>> {
  if (mode !== '802.3ad' || inPreMadeLag(host)) return {}
  const present = await lagsOfHost(tools.db, host.id)
  if (Object.keys(present).length > 0) return present
  const switches = await lagSwitches(tools, mode)
  const fault = lagFault(host, switches)
  const switchId = wiredPorts(host)[0]?.switchId ?? ''
  const one = switches.get(switchId)
  // somebody may have made one by hand: a number that is taken there is as good as taken here
  const avoid = fault === null ? await strangersOn(tools, host, switchId) : new Set<number>()
  const lag = one && fault === null ? freeLag(one, avoid) : null
  if (lag === null)
    throw new FerruleError(
      'bond-impossible',
      `${host.name}: ${fault ?? `every free LAG of its lagRange is on switch ${switchId} already, with ports of others`}`,
      'Use an offering whose bond is active-backup, or change what the message names.',
      { host: host.name },
    )
  return { [switchId]: lag }
}

/** As plannedLags, and from now on the host's, until its tenancy ends. */
export async function takeLags(
  tools: Reading & Pick<Tools, 'openSwitch'>,
  host: Host,
  mode: BondMode,
): Promise<void> {
  if (mode !== '802.3ad' || inPreMadeLag(host)) return
  for (const [switchId, lag] of Object.entries(await plannedLags(tools, host, mode)))
    await insertLag(tools.db, host.id, switchId, lag)
  const taken = await lagsOfHost(tools.db, host.id)
  // another host was faster with this number: the next look finds another one
  if (Object.keys(taken).length === 0) await takeLags(tools, host, mode)
}

async function strangersOn(
  tools: Pick<Tools, 'openSwitch'>,
  host: Host,
  switchId: string,
): Promise<Set<number>> {
  const { ports } = await tools.openSwitch(switchId)
  const own = new Set(wiredPorts(host).map(({ port }) => ports.canonicalPort(port)))
  const present = await ports.ownLags()
  return new Set(
    [...present].filter(([, members]) => members.some((one) => !own.has(one))).map(([lag]) => lag),
  )
}
