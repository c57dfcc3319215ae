import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Call, VmState } from '../../src/cloudstack/call.ts'
import { callTable, type VmAction } from '../../src/cloudstack/call-table.ts'
import type { CloudVm } from './door.ts'
import { waitUntil } from './wait.ts'

/** What a call is to end with: the exit code and, after a 1, the message; or the reported power. */
type Expected = string | RegExp

type Part = 'life' | 'end'

/** Which file of tests shows the cells of a state: each state has one, or this does not compile. */
const showsState: Record<VmState, Part> = {
  ...{ none: 'life', deploying: 'life', running: 'life', stopping: 'life', stopped: 'life' },
  ...{ undoing: 'end', failed: 'end', destroying: 'end', parked: 'end' },
}

/**
 * Which cells of the door's table a test has shown. The list of cells is the table itself: a new one without a test is
 * missing here. A cell counts when a call was first looked at in that state, and was answered as the test says.
 */
export class Cells {
  private readonly shown = new Set<string>()
  private readonly entered = new Map<string, string>()

  constructor() {
    // the rules of one row take what its state has: here they are only passed on
    const table: Record<string, Record<string, (call: Call, found: never) => unknown>> = callTable
    for (const [action, row] of Object.entries(table))
      for (const [state, rule] of Object.entries(row))
        row[state] = (call, found) => {
          const key = `${call.vm.uuid} ${action}`
          // `again` looks at the same call once more: the cell is the one where it came in
          if (!this.entered.has(key)) this.entered.set(key, state)
          return rule(call, found)
        }
  }

  /** Calls, and shows that the cell answers so. */
  async show(state: VmState, vm: CloudVm, action: VmAction, expected: Expected, timeout = 60): Promise<void> {
    await (await this.begin(state, vm, action, timeout)).ends(expected)
  }

  /** The same for several calls of one answer, one after the other. */
  async showAll(
    state: VmState,
    vm: CloudVm,
    actions: readonly VmAction[],
    expected: Expected,
  ): Promise<void> {
    for (const action of actions) await this.show(state, vm, action, expected)
  }

  /** Calls, and shows that the cell does not answer yet: what follows must end it. */
  async waits(
    state: VmState,
    vm: CloudVm,
    action: VmAction,
  ): Promise<{ ends(expected: Expected): Promise<void> }> {
    const call = await this.begin(state, vm, action, 60)
    expect(await Promise.race([call.said, pause(400, 'waits')])).toBe('waits')
    return call
  }

  private async begin(state: VmState, vm: CloudVm, action: VmAction, timeout: number) {
    const key = `${vm.uuid} ${action}`
    this.entered.delete(key)
    const said = vm.exit(action, timeout)
    await waitUntil(`${action} is looked at`, () => this.entered.has(key))
    expect([action, this.entered.get(key)]).toEqual([action, state])
    return {
      said,
      ends: async (expected: Expected) => {
        const answer = await said
        if (typeof expected === 'string') expect(answer).toBe(expected)
        else expect(answer).toMatch(expected)
        this.shown.add(`${action} | ${state}`)
      },
    }
  }

  /** Cells of the table that nothing has shown, of the states that a file of tests is for. */
  missing(part: Part): string[] {
    const states = Object.entries(showsState).filter(([, one]) => one === part)
    return Object.keys(callTable)
      .flatMap((action) => states.map(([state]) => `${action} | ${state}`))
      .filter((cell) => !this.shown.has(cell))
  }
}
