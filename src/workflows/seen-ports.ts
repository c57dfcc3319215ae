import { FerruleError } from '../domain/errors.ts'
import type { PortRef } from '../domain/host.ts'
import type { SeenPort } from '../domain/recovery/facts.ts'
import { runningVlans } from '../domain/recovery/ports.ts'
import type { SwitchPorts } from '../drivers/switch/types.ts'
import type { SwitchRow } from '../store/racks.ts'
import { sideBySide } from './side-by-side.ts'
import type { Tools } from './tools.ts'

/** Every port as its switch shows it, by switch and port; one that its switch does not show says why. */
export async function seePorts(tools: Tools, refs: readonly PortRef[]): Promise<Map<string, SeenPort>> {
  const bySwitch = new Map<string, Set<string>>()
  for (const { switchId, port } of refs)
    bySwitch.set(switchId, (bySwitch.get(switchId) ?? new Set()).add(port))
  const seen = await sideBySide([...bySwitch], ([switchId, ports]) => seeSwitch(tools, switchId, [...ports]))
  return new Map(seen.flat().map((port) => [portKey(port), port]))
}

export function portKey({ switchId, port }: PortRef): string {
  return `${switchId} ${port}`
}

async function seeSwitch(tools: Tools, switchId: string, names: readonly string[]): Promise<SeenPort[]> {
  let row: Pick<SwitchRow, 'pxeVlan' | 'quarantineVlan'> | null = null
  try {
    const opened = await tools.openSwitch(switchId)
    row = opened.row
    const [running, saved] = await Promise.all([
      opened.ports.readPorts(names),
      opened.ports.readSavedPorts(names),
    ])
    return await sideBySide(names, async (port) => {
      const now = running.get(port) ?? null
      const later = saved.get(port) ?? null
      const seen: SeenPort = {
        switchId,
        port,
        pxeVlan: opened.row.pxeVlan,
        quarantineVlan: opened.row.quarantineVlan,
        running: now,
        saved: later,
        fault: now && later ? null : 'the switch has no such port',
        learned: [],
      }
      return { ...seen, learned: await heardOn(opened.ports, seen) }
    })
  } catch (error) {
    if (!(error instanceof FerruleError)) throw error
    return names.map((port) => ({
      switchId,
      port,
      // nothing was seen that could be compared with them
      pxeVlan: row?.pxeVlan ?? 0,
      quarantineVlan: row?.quarantineVlan ?? 0,
      running: null,
      saved: null,
      fault: error.message,
      learned: [],
    }))
  }
}

/** Only of ports with more than one tenant VLAN: there the MACs tell the networks of an instance apart. */
async function heardOn(ports: SwitchPorts, seen: SeenPort): Promise<SeenPort['learned']> {
  if (runningVlans(seen).length < 2) return []
  return ports.readFdb(seen.port).catch((error: unknown) => {
    // evidence where a switch gives it; its absence is told by the plan
    if (error instanceof FerruleError) return []
    throw error
  })
}
