import type { HostSituation } from '../domain/host.ts'
import type { Services } from '../services/context.ts'
import { hostSituations, observePower, powerEpoch } from '../store/hosts.ts'
import type { Log } from '../telemetry/log.ts'

/** How many BMCs are asked at once; they answer slowly, and each keeps few sessions. */
const CONCURRENCY = 32

/**
 * A17: asks every BMC from time to time. Three values with age; an unreachable BMC is `unknown`, never off. Hosts under
 * an operation are left to it, and a reading that is older than an action never overwrites that action's outcome.
 */
export class PowerObserver {
  private timer: NodeJS.Timeout | undefined
  private round: Promise<void> = Promise.resolve()
  private stopped = false
  private readonly services: Services
  private readonly everyMs: number
  private readonly log: Log

  constructor(services: Services, everyMs: number, log: Log) {
    this.services = services
    this.everyMs = everyMs
    this.log = log
  }

  start(): void {
    if (this.stopped) return
    this.timer = setTimeout(() => {
      this.round = this.observeAll()
        .catch((error: unknown) => this.log('warn', 'observing power failed', { error: String(error) }))
        .finally(() => this.start())
    }, this.everyMs)
    this.timer.unref()
  }

  async stop(): Promise<void> {
    this.stopped = true
    clearTimeout(this.timer)
    await this.round
  }

  private async observeAll(): Promise<void> {
    const queue = (await hostSituations(this.services.tools.db)).filter((one) => one.hold === null)
    const worker = async () => {
      for (let one = queue.pop(); one && !this.stopped; one = queue.pop()) await this.observe(one)
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
  }

  private async observe({ host }: HostSituation): Promise<void> {
    const { db, bmc } = this.services.tools
    const epoch = await powerEpoch(db, host.id)
    const state = await bmc(host)
      // A BMC without a free session is asked in the next round: waiting would hold up the others, and the shutdown.
      .then((control) => control.power({ patient: false }))
      .catch(() => 'unknown' as const)
    await observePower(db, host.id, state, epoch)
  }
}
