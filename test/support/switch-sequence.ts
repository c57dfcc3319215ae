import { describe, expect, test } from 'vitest'
import { createChance } from '../../lab/world/chance.ts'
import type { Chance } from '../../lab/world/types.ts'
import { FerruleError } from '../../src/domain/errors.ts'
import { tenant, testLease } from '../../src/drivers/switch/test-support/fake-switch.ts'
import type { PortState } from '../../src/drivers/switch/types.ts'
import type { AnySwitch, Carried, SwitchFamily } from './any-switch.ts'
import { parked as pxe } from './https-switch-rig.ts'
import { waitUntil } from './wait.ts'

/** Sequences for each family of switches; more of them for a long night. */
const SEQUENCES = Number(process.env.FERRULE_SWITCH_SEQUENCES ?? 1)
const FIRST_SEED = Number(process.env.FERRULE_SWITCH_SEED ?? 1)

/**
 * Wishes, faults and reboots in any order: at every instant a port carries a part of what it carried before, a part of
 * what it is to carry, or what somebody else has put it into; other ports lose nothing, no VLAN is deleted, and a step
 * ends as wished, or with an error that says why.
 */
export function switchSequences(families: readonly SwitchFamily[], { steps }: { steps: number }): void {
  describe.each(families)('%s', (type, start) => {
    const seeds = Array.from({ length: SEQUENCES }, (_, index) => FIRST_SEED + index)
    test.each(seeds)('random sequence %i', { timeout: 240_000 }, async (seed) => {
      const tor = await start()
      const said: string[] = []
      try {
        const sequence = new Sequence(tor, createChance(seed, type), said)
        for (let step = 0; step < steps; step += 1) await sequence.step()
        await sequence.end()
      } catch (error) {
        throw new Error(`seed ${seed} (FERRULE_SWITCH_SEED=${seed}):\n${said.join('\n')}`, { cause: error })
      } finally {
        await tor.stop()
      }
    })
  })
}

class Sequence {
  readonly #tor: AnySwitch
  readonly #chance: Chance
  readonly #said: string[]

  constructor(tor: AnySwitch, chance: Chance, said: string[]) {
    this.#tor = tor
    this.#chance = chance
    this.#said = said
  }

  async step(): Promise<void> {
    if (this.#below(100) < 15) return this.#reboot()
    const both = this.#below(3) === 0
    const first = this.#below(2)
    const wanted = both ? this.#wishes() : new Map([[first, this.#wish()]])
    if (this.#below(100) < 60) this.#break()
    await this.#ensure(wanted)
  }

  /** Whatever has happened: with nothing in the way a wish is fulfilled, and it outlives a reboot. */
  async end(): Promise<void> {
    const wanted = this.#wishes()
    expect(await this.#ensure(wanted)).toBe(null)
    await this.#reboot()
    await this.#expectCarried(wanted)
  }

  async #ensure(wanted: ReadonlyMap<number, PortState>): Promise<FerruleError | null> {
    const tor = this.#tor
    const before = new Map<string, Carried>()
    for (const { name } of tor.hosts) before.set(name, await tor.carries(name))
    const vlans = await tor.vlans()
    const from = tor.changes.length
    const byName = new Map([...wanted].map(([port, state]) => [this.#port(port).written, state]))
    this.#say(`ensure ${JSON.stringify([...byName])}`)
    const lease = tor.lease?.() ?? testLease()
    const error = await tor.ports.ensurePorts(lease, byName).then(() => null, catalogued)
    tor.calm()
    await waitUntil('the switch has settled', async () => (await tor.unsettled()) === 0)
    this.#say(error ? `  ended as ${error.code}: ${error.message}` : '  ended well')
    this.#expectNoLeak(from, before, wanted)
    const left = await tor.vlans()
    expect(vlans.filter((vlan) => !left.includes(vlan))).toEqual([])
    if (error) expect(error.remedy).toMatch(/\w{3,}/)
    else {
      await this.#expectCarried(wanted)
      const names = [...byName.keys()]
      expect(await tor.ports.readSavedPorts(names)).toEqual(await tor.ports.readPorts(names))
    }
    return error
  }

  #expectNoLeak(
    from: number,
    before: ReadonlyMap<string, Carried>,
    wanted: ReadonlyMap<number, PortState>,
  ): void {
    const { changes, hosts, nobodys, foreign } = this.#tor
    const wishes = new Map([...wanted].map(([port, state]) => [this.#port(port).name, state]))
    for (const { port, carried } of changes.slice(from)) {
      const now = vlansOf(carried).filter((vlan) => !nobodys.includes(vlan))
      const old = before.get(port)
      if (old && hosts.some(({ name }) => name === port)) {
        const wish = wishes.get(port) ?? old
        const fits = [old, wish, ...foreign].some((whole) =>
          now.every((vlan) => vlansOf(whole).includes(vlan)),
        )
        expect(fits, `${port} carried ${now} between ${vlansOf(old)} and ${vlansOf(wish)}`).toBe(true)
      } else {
        const earlier = changes.slice(0, from).findLast((one) => one.port === port)?.carried
        const lost = vlansOf(earlier ?? carried).filter((vlan) => !vlansOf(carried).includes(vlan))
        expect(lost, `${port}, which is nobody's to write, lost VLANs`).toEqual([])
      }
    }
  }

  async #expectCarried(wanted: ReadonlyMap<number, PortState>): Promise<void> {
    for (const [port, { untagged, tagged, lag }] of wanted) {
      const { name } = this.#port(port)
      const seen = await this.#tor.carries(name)
      expect({ name, untagged: seen.untagged, tagged: [...seen.tagged], lag: seen.lag }).toEqual({
        name,
        untagged,
        tagged: [...tagged],
        lag,
      })
    }
  }

  async #reboot(): Promise<void> {
    this.#say('reboot')
    await this.#tor.reboot()
  }

  #break(): void {
    if (this.#below(8) === 0) {
      this.#say('saving lies')
      this.#tor.saveLies(true)
      return
    }
    const fault = this.#tor.faults[this.#below(this.#tor.faults.length)] ?? ''
    const nth = this.#below(7)
    this.#say(`${fault} at change ${nth}`)
    this.#tor.breakWrite(nth, fault)
  }

  /** For both ports: each its own, or one LAG of both. */
  #wishes(): Map<number, PortState> {
    const { lags = [] } = this.#tor
    const lag = lags[this.#below(lags.length + 2)]
    if (lag === undefined) return new Map([0, 1].map((port) => [port, this.#wish()]))
    const state = { ...this.#tenants(), lag }
    return new Map([0, 1].map((port) => [port, state]))
  }

  #wish(): PortState {
    const kind = this.#below(10)
    if (kind < 2) return pxe
    if (kind < 3) return { ...pxe, untagged: 999 }
    return this.#tenants()
  }

  #tenants(): PortState {
    const vlans = [101, 102, 103, 104, 105]
    const [untagged] = vlans.splice(this.#below(vlans.length), 1)
    const tagged = vlans.filter(() => this.#below(3) === 0)
    return tenant(untagged ?? 101, ...tagged)
  }

  #port(index: number) {
    const port = this.#tor.hosts[index]
    if (!port) throw new Error(`no port ${index}`)
    return port
  }

  #below(count: number): number {
    return Math.floor(this.#chance.next() * count)
  }

  #say(what: string): void {
    this.#said.push(what)
  }
}

function vlansOf({ untagged, tagged }: Carried): number[] {
  return untagged === null ? [...tagged] : [untagged, ...tagged]
}

/** What is not in the catalogue is no end. */
function catalogued(error: unknown): FerruleError {
  if (error instanceof FerruleError && error.code !== 'internal') return error
  throw error
}
