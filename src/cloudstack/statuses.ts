import { z } from 'zod'
import type { Services } from '../services/context.ts'
import type { VmPower } from '../store/vm-powers.ts'
import { setVmPlace, vmPowers } from '../store/vm-powers.ts'
import type { Answer } from './answers.ts'
import { done, refused } from './answers.ts'

/** The words of CloudStack's own enum. A VM that is left out counts as stopped, and loses its VLANs: none ever is. */
type Word = 'PowerOn' | 'PowerOff' | 'PowerUnknown'

/** For what the records cannot answer, BMCs are asked: so many at once, and no longer than this. */
const AT_ONCE = 32
const PATIENCE = 5_000

const payload = z.object({
  externaldetails: z.object({ host: z.record(z.string(), z.unknown()).nullish() }).nullish(),
})

/**
 * Which of CloudStack's hosts a call is about, by its details: of a host that stands for a pool the pool's name, of one
 * that stands for a machine the machine. CloudStack does not tell its own id or name of it. Null: its details say nothing.
 */
export function placeOf(body: unknown): string | null {
  const details = payload.safeParse(body).data?.externaldetails?.host ?? {}
  for (const key of ['pool', 'machine', 'mac']) {
    const value = details[key]
    if (typeof value === 'string' && value !== '') return `${key}=${value.toLowerCase()}`
  }
  return null
}

/** Remembers where VMs are, and answers for all of a place at once. */
export class VmPlaces {
  private readonly services: Services

  constructor(services: Services) {
    this.services = services
  }

  /** Every call about a VM says under which host it is. */
  async note(uuid: string, place: string | null): Promise<void> {
    if (place !== null) await setVmPlace(this.services.tools.db, uuid, place)
  }

  /**
   * The power of every VM of a place, from the newest readings. What they cannot answer is asked for as `status` does.
   * A refusal makes CloudStack ask for each VM by itself, and what those calls say of their place is remembered.
   * @param ask answers for one VM, with a fresh look at its BMC
   */
  async statuses(place: string | null, ask: (vm: VmPower) => Promise<Answer>): Promise<Answer> {
    if (place === null)
      return refused('The host has no detail External:pool, so that its VMs are asked for one by one.')
    const all = await vmPowers(this.services.tools.db)
    // whatever is not deployed yet is waited for by CloudStack's own job, and is not reported on meanwhile
    const lost = all.filter(
      (vm) => vm.place === null && !['deploying', 'undoing', 'failed'].includes(vm.state),
    )
    if (lost.length > 0)
      return refused(
        `It is not known yet under which host ${lost[0]?.name} is: VMs are asked for one by one.`,
      )
    const here = all.filter((vm) => vm.place === place)
    if (here.length === 0) return refused(`No VM is known under ${place}: they are asked for one by one.`)
    const words = new Map<string, Word>()
    const open = here.filter((vm) => {
      const word = this.fromReadings(vm)
      words.set(vm.name, word ?? 'PowerUnknown')
      return word === null
    })
    await inTime(open, async (vm) => {
      words.set(vm.name, wordOf(await ask(vm).catch(() => null)))
    })
    return done({ status: 'success', power_state: Object.fromEntries(words) })
  }

  /** Null: only a look at the BMC can tell, or the VM is in the middle of something. */
  private fromReadings({ state, busy, seen, stray }: VmPower): Word | null {
    const { settings, tools } = this.services
    // whatever becomes of its last host: it is over for CloudStack
    if (state === 'failed') return 'PowerOff'
    if (busy || stray || !seen || tools.now() - seen.at.getTime() > settings.powerFresh) return null
    if (state === 'running' && seen.power === 'on') return 'PowerOn'
    return state === 'stopped' && seen.power === 'off' ? 'PowerOff' : null
  }
}

function wordOf(answer: Answer | null): Word {
  if (answer?.exit !== 0) return 'PowerUnknown'
  const said = z.object({ power_state: z.enum(['PowerOn', 'PowerOff']) }).safeParse(answer.body)
  return said.data?.power_state ?? 'PowerUnknown'
}

async function inTime(vms: readonly VmPower[], work: (vm: VmPower) => Promise<void>): Promise<void> {
  const queue = [...vms]
  const worker = async () => {
    for (let vm = queue.shift(); vm; vm = queue.shift()) await work(vm)
  }
  let late: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    late = setTimeout(resolve, PATIENCE)
  })
  await Promise.race([over, Promise.all(Array.from({ length: AT_ONCE }, worker))])
  clearTimeout(late)
  queue.length = 0
}
