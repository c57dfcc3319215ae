import type { HostBmc } from '../domain/host.ts'

/** What the plan does at the BMC. */
type BmcStep =
  | { does: 'power'; text: string }
  | { does: 'boot-device'; text: string }
  /** MAAS boots the host by itself; where a person switches it, they are told. */
  | { does: 'maas-boots'; text: string }

export const deployAtBmc: readonly BmcStep[] = [
  { does: 'boot-device', text: 'boot device network (persistent)' },
  { does: 'maas-boots', text: 'switch on, for the deployment' },
  { does: 'power', text: 'off, confirmed, after the hand-over' },
  { does: 'boot-device', text: 'boot device disk (persistent)' },
  { does: 'power', text: 'power on' },
]

export const destroyAtBmc: readonly BmcStep[] = [
  { does: 'power', text: 'power off, confirmed' },
  { does: 'boot-device', text: 'boot device network (persistent)' },
  { does: 'maas-boots', text: 'switch on, for the erase' },
]

export const startAtBmc: readonly BmcStep[] = [
  { does: 'boot-device', text: 'boot device disk (persistent)' },
  { does: 'power', text: 'power on; nothing, if it is on already' },
]

/** @param park the tenant's system must not boot in the PXE VLAN if somebody presses its power button */
export const stopAtBmc = (park: boolean): readonly BmcStep[] => [
  { does: 'power', text: 'ask the system to shut down; after the grace time off, confirmed' },
  ...(park ? [{ does: 'boot-device', text: 'boot device network (persistent)' } as const] : []),
]

export const rebootAtBmc: readonly BmcStep[] = [
  { does: 'power', text: 'ask the system to shut down; after the grace time off, confirmed' },
  { does: 'boot-device', text: 'boot device disk (persistent)' },
  { does: 'power', text: 'power on' },
]

/** Each step with whoever does it, where that is not Ferrule itself. */
export function bmcLines(bmc: HostBmc | null, steps: readonly BmcStep[]): string[] {
  const protocol = bmc?.protocol ?? 'auto'
  return steps.flatMap(({ does, text }) => {
    if (protocol === 'manual') return [`a person: ${text}`]
    if (does === 'maas-boots') return []
    if (protocol === 'maas') return [`${does === 'power' ? 'through MAAS' : 'a person'}: ${text}`]
    return [text]
  })
}
