import { PXE_VLAN, QUARANTINE_VLAN, TENANT_VLANS } from '../../lab/site.ts'
import type { Cable, Sighting } from '../../lab/world/types.ts'
import type { Rig } from './rig.ts'

type Room = Pick<Rig, 'lab'>

/** Watches what must hold at every instant, VLANs of one tenant on a port, on the wire and not in our tables. */
export class Witness {
  readonly faults: string[] = []
  private readonly lab: Rig['lab']
  private looked = 0

  constructor({ lab }: Room) {
    this.lab = lab
    // uplinks carry everything: only what a machine is plugged into is looked at
    const wired = new Set(lab.world.machines.flatMap(({ nics }) => nics.map(({ cable }) => keyOf(cable))))
    lab.fabric.onChange((cable) => {
      if (wired.has(keyOf(cable))) this.look(cable)
    })
  }

  /** How many port changes were seen: a witness that saw none proves nothing. */
  get changesSeen(): number {
    return this.looked
  }

  private look(cable: Cable): void {
    this.looked++
    const { untagged, tagged } = this.lab.fabric.membership(cable)
    if (untagged === PXE_VLAN && tagged.some(isTenant))
      this.faults.push(`${cable.switch} ${cable.port} carried PXE untagged with tenant VLANs ${tagged}`)
    if (tagged.includes(PXE_VLAN))
      this.faults.push(`${cable.switch} ${cable.port} carried the PXE VLAN tagged (untagged ${untagged})`)
  }
}

function keyOf({ switch: address, port }: Cable): string {
  return `${address} ${port}`
}

export function isTenant(vlan: number): boolean {
  return vlan >= TENANT_VLANS.from && vlan <= TENANT_VLANS.to
}

/** Where an installed system may be seen, by its host name: its own NICs' MACs and VLANs over its whole life. */
export type Networks = ReadonlyMap<string, readonly { mac: string; vlan: number }[]>

/**
 * The diary as a physical witness wrote it: an installed system is in its own networks' VLANs only, under MACs that
 * the cloud allocated to it; in the PXE VLAN only in its first boot, before the hand-over switched it off.
 */
export function presenceFaults(diary: readonly Sighting[], networks: Networks): string[] {
  const boot = new Map<string, number>()
  const faults: string[] = []
  for (const sighting of diary) {
    const { machine, kind, detail, vlan, mac } = sighting
    const number = kind === 'boot' ? /boots from disk, boot (\d+)$/.exec(detail)?.[1] : undefined
    if (number) boot.set(machine, Number(number))
    if (kind !== 'presence' || vlan === undefined || vlan === QUARANTINE_VLAN) continue
    if (vlan === PXE_VLAN) {
      const which = boot.get(machine)
      if (which !== 1) faults.push(`${machine}: system ${detail} was in the PXE VLAN in its boot ${which}`)
      continue
    }
    const own = networks.get(detail) ?? []
    // attached while it runs, a VLAN is reached before the system has an interface there: under a MAC of its own all the same
    if (!own.some((nic) => nic.vlan === vlan) || !own.some((nic) => nic.mac === mac))
      faults.push(
        `${machine}: system ${detail} was in VLAN ${vlan} as ${mac}; its own are ${JSON.stringify(own)}`,
      )
  }
  return faults
}

/** Power as a person at the rack hears it, from a place in the diary on. */
export function powerStory(diary: readonly Sighting[], machine: string): string[] {
  return diary.flatMap((one) => (one.kind === 'power' && one.machine === machine ? [one.detail] : []))
}
