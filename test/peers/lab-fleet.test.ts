import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FleetProcess, goFleet, nodeFleet, startFleetProcess } from '../../bench/fleet.ts'
import { ClientSession } from '../../lab/bmc/client-session.ts'
import { runTool } from './support/ipmi-tools.ts'

/** Cheap BMCs in bulk, in their own process, polled by a program that was made for whole clusters. */

const COUNT = 250
const options = { count: COUNT, first: '127.9.7.1', port: 0, username: 'admin', password: 'secret' }
const folder = mkdtempSync(join(tmpdir(), 'ferrule-fleet-'))
let fleet: FleetProcess

afterAll(() => rmSync(folder, { recursive: true }))

/** What ipmipower says of each address. */
async function ipmipower(suite: number, ...what: string[]): Promise<Map<string, string>> {
  const hosts = fleet.addresses.map((address) => `${address}:${fleet.port}`).join(',')
  const login = ['-D', 'LAN_2_0', '-I', String(suite), '-u', 'admin', '-p', 'secret', '-h', hosts]
  const { stdout } = await runTool('ipmipower', [...login, ...what])
  const lines = stdout.trim().split('\n')
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]))
}

function count(said: Map<string, string>, word: string): number {
  return [...said.values()].filter((one) => one === word).length
}

describe.each([
  ['Node', nodeFleet(join(import.meta.dirname, '../../dist'))],
  ['Go', goFleet(folder)],
])('the fleet in %s', (_, program) => {
  beforeEach(async () => {
    fleet = await startFleetProcess(options, program)
  })
  afterEach(() => fleet.stop())

  test.each([3, 17])('ipmipower polls and switches all of them with suite %i', async (suite) => {
    await fleet.setPower({ from: 0, to: 100 }, true)
    const said = await ipmipower(suite, '--stat')
    expect({ on: count(said, 'on'), off: count(said, 'off') }).toEqual({ on: 100, off: COUNT - 100 })
    expect(count(await ipmipower(suite, '--on'), 'ok')).toBe(COUNT)
    expect(await fleet.stats()).toMatchObject({ poweredOn: COUNT, sessions: 0 })
  })

  test('ipmipower makes up for lost datagrams, and tells who is not there', async () => {
    await fleet.setDials({ loss: 0.02, delayMs: 5 })
    expect(count(await ipmipower(17, '--stat'), 'off')).toBe(COUNT)
    expect((await fleet.stats()).lost).toBeGreaterThan(0)
    await fleet.setDials({ loss: 0 })
    await fleet.setReachable({ from: 10, to: 13 }, false)
    const said = await ipmipower(17, '--stat', '--session-timeout', '2000', '--retransmission-timeout', '400')
    expect(count(said, 'off')).toBe(COUNT - 3)
    expect(said.get(fleet.addresses[10] ?? '')).toContain('timeout')
  })

  test('refuses what it cannot do, in words, and goes on', async () => {
    await expect(startFleetProcess({ ...options, port: fleet.port }, program)).rejects.toThrow(
      /in use|EADDRINUSE/,
    )
    await expect(fleet.setDials({ loss: 2 })).rejects.toThrow('loss')
    expect(await fleet.stats()).toMatchObject({ received: 0 })
  })

  test('tells the BMCs apart, and gives four sessions of each', async () => {
    const target = (index: number) => ({
      address: fleet.addresses[index] ?? '',
      port: fleet.port,
      username: 'admin',
      password: 'secret',
    })
    const held = await Promise.all([1, 2, 3, 4].map(() => ClientSession.open(target(7))))
    await expect(ClientSession.open(target(7))).rejects.toThrow('no free BMC session')
    const guid = async (index: number) => {
      const session = await ClientSession.open(target(index))
      const bytes = await session.command(0x06, 0x37, Buffer.alloc(0))
      await session.close()
      return bytes.readUInt32LE(0)
    }
    expect([await guid(8), await guid(249)]).toEqual([8, 249])
    expect((await fleet.stats()).sessions).toBe(4)
    for (const session of held) await session.close()
    expect((await fleet.stats()).sessions).toBe(0)
  })
})
