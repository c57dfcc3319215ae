import { FerruleError } from '../../domain/errors.ts'
import type { PortMap } from './diff.ts'
import type { ManagedSwitch } from './managed-switch.ts'
import { readAgain } from './reads.ts'
import type { PreMadeLag, SwitchFence, SwitchLags } from './types.ts'

/** The LAGs on the switch that are Ferrule's to make and dissolve. Not asked for where there can be none. */
export async function ownLags(
  { device, fence, readRetryMs }: ManagedSwitch,
  signal?: AbortSignal,
): Promise<SwitchLags> {
  if (!fence.lagRange || !device.readLags) return new Map()
  const read = device.readLags.bind(device)
  const lags = await readAgain(read, readRetryMs, signal)
  return new Map([...lags].filter(([lag]) => isOwn(fence, lag)))
}

/** @throws invalid-input where the driver reads none: the rack file is then from before it was refused */
export async function preMadeLag(
  { id, device, readRetryMs }: ManagedSwitch,
  lag: string,
): Promise<PreMadeLag | null> {
  const read = device.readPreMadeLag?.bind(device)
  if (read) return readAgain(() => read(lag), readRetryMs)
  throw new FerruleError(
    'invalid-input',
    `LAG ${lag} of switch ${id} is a pre-made one, and the driver of this switch reads none`,
    'Take it out of the rack file.',
    { switch: id, lag },
  )
}

/**
 * Before anything is sent: no port leaves a LAG that is not ours, and none comes into one with a stranger in it, whose
 * frames would be ours from then on.
 * @throws port-fenced, invalid-input
 */
export function refuseForeignLags(
  { id, device, fence }: ManagedSwitch,
  before: PortMap,
  target: PortMap,
  lags: SwitchLags,
): void {
  for (const [port, want] of target) {
    const now = before.get(port)?.lag
    if (now !== undefined && !isOwn(fence, now)) throw foreign(id, port, `is a member of LAG ${now}`)
    if (want.lag === undefined) continue
    if (!device.readLags)
      throw new FerruleError(
        'invalid-input',
        `Port ${port} of switch ${id} was to be put into LAG ${want.lag}, and this driver makes no LAGs; nothing was sent`,
        'Use bond mode active-backup for hosts of this switch.',
        { switch: id, port, lag: want.lag },
      )
    const stranger = (lags.get(want.lag) ?? []).find((member) => !before.has(member))
    if (stranger !== undefined)
      throw foreign(id, stranger, `is in LAG ${want.lag}, which was to be made for ${port}`)
  }
}

function isOwn({ lagRange }: SwitchFence, lag: number): boolean {
  return lagRange !== undefined && lag >= lagRange.from && lag <= lagRange.to
}

function foreign(id: string, port: string, said: string): FerruleError {
  return new FerruleError(
    'port-fenced',
    `Switch ${id} refused before any write: port ${port} ${said}, and that is not Ferrule's doing`,
    'Take the port out of the LAG, or let lagRange of the rack file name only numbers that nobody else uses.',
    { switch: id, port },
  )
}
