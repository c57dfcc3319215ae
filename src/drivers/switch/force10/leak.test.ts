import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSwitchPorts } from '../engine.ts'
import { carried, samePort } from '../port-state.ts'
import { fence, pxe, quarantine, tenant, testLease } from '../test-support/fake-switch.ts'
import { answer, end, type Os9Server, startOs9Server } from '../test-support/os9-server.ts'
import type { PortState, SwitchPorts } from '../types.ts'
import { force10 } from './driver.ts'

const port = 'TenGigabitEthernet 1/1'
let os9: Os9Server
let ports: SwitchPorts

async function start(before: PortState): Promise<void> {
  os9 = await startOs9Server(new Map([[port, before]]))
  ports = openSwitchPorts({
    id: 'tor1',
    driver: force10,
    endpoint: { address: os9.address, username: 'admin', password: 's3cret' },
    fence: { ...fence, ports: new Set(['1/1']) },
    timeouts: { coalesceMs: 0, readRetryMs: [1, 1] },
  })
}

beforeEach(() => start(pxe))
afterEach(async () => {
  await ports.close()
  await os9.stop()
})

/** What goes wrong with one write; the rest of the writes are obeyed. */
const faults: Record<string, (type: () => void, fail: (status: number, text: string) => void) => void> = {
  'yes, but nothing is done': (_type, fail) => fail(200, answer('Dell(conf)#')),
  'HTTP 500, nothing is done': (_type, fail) => fail(500, ''),
  'HTTP 500, all is done': (type, fail) => {
    type()
    fail(500, '')
  },
  'HTTP 503, all is done': (type, fail) => {
    type()
    fail(503, '')
  },
  refused: (_type, fail) => fail(200, answer('% Error: Resource busy.')),
}

const moves: [string, PortState, PortState][] = [
  ['PXE to tenant', pxe, tenant(100, 200)],
  ['tenant to tenant', tenant(100, 200), tenant(101, 201)],
  ['a network more and one less', tenant(100, 200), tenant(100, 201)],
  ['release', tenant(100, 200), pxe],
  ['untagged and tagged change places', tenant(100, 200), tenant(200, 100)],
  ['quarantine of a plain port', { ...tenant(100), prepared: false }, quarantine],
]

describe.each(moves)('%s', (_name, before, wanted) => {
  test.each(Object.keys(faults))('%s: after any one write', async (fault) => {
    for (let broken = 0; ; broken += 1) {
      await ports.close()
      await os9.stop()
      await start(before)
      let writes = 0
      const seen: Set<number>[] = []
      os9.onLine = () => seen.push(os9.terminal.carried(port))
      os9.intercept = (_request, body, response) => {
        const text = /<config-commands>([\s\S]*)<\/config-commands>/.exec(body)?.[1]
        if (text === undefined || writes++ !== broken) return false
        const type = () => {
          for (const line of text.split('\r\n')) {
            os9.terminal.type(line)
            os9.onLine(line)
          }
        }
        faults[fault]?.(type, (status, said) => end(response, status, said))
        return true
      }
      const ended = await ports.ensurePorts(testLease(), new Map([['1/1', wanted]])).then(
        () => 'done',
        (error: unknown) => String(error),
      )
      for (const now of [...seen, os9.terminal.carried(port)]) {
        const part = (whole: ReadonlySet<number>) => [...now].every((vlan) => whole.has(vlan))
        expect(part(carried(before)) || part(carried(wanted)), `carried ${[...now]}; ${ended}`).toBe(true)
      }
      if (writes <= broken) {
        expect(ended).toBe('done')
        expect(broken).toBeGreaterThan(1)
        return
      }
      const state = os9.terminal.state(port)
      if (ended === 'done') expect(samePort(state, wanted)).toBe(true)
      else expect(!state.enabled || samePort(state, before) || samePort(state, wanted), ended).toBe(true)
      os9.intercept = () => false
      await ports.ensurePorts(testLease(), new Map([['1/1', wanted]]))
      expect(samePort(os9.terminal.state(port), wanted)).toBe(true)
    }
  })
})
