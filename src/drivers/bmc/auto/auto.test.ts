import { createSocket } from 'node:dgram'
import { afterEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../../../domain/errors.ts'
import type { FoundProtocol } from '../../../domain/host.ts'
import type { HostLease } from '../../../domain/lease.ts'
import { probeRedfish } from '../redfish/probe.ts'
import { startFakeBmc } from '../redfish/testing/fake-bmc.ts'
import type { Bmc, BmcDriver, BmcEndpoint } from '../types.ts'
import { createAuto } from './auto.ts'
import { speaksIpmi } from './ipmi-probe.ts'

const untrusted = new FerruleError('bmc-untrusted', 'nobody has trusted it', 'Trust it.')
const silent = new FerruleError('bmc-unreachable', 'silence', 'Look.')
const host = { id: 'id-1', name: 'h1', systemId: null }
const endpoint: BmcEndpoint = { address: '10.0.0.1', username: 'u', password: 'p', host }
// Never looked at by these drivers.
const lease = {} as HostLease

/** A room with one BMC that speaks what the test says, and drivers that reach it by that only. */
function room(speaks: { ipmi: boolean; redfish: boolean | FerruleError }) {
  const asked: unknown[] = []
  const commands: string[] = []
  const remembered: FoundProtocol[] = []
  let now = 0
  const driver = (name: FoundProtocol): BmcDriver => ({
    name,
    open: () => {
      const reach = <T>(value: T) => {
        if (speaks[name] !== true) throw silent
        return value
      }
      const command = async () => void commands.push(reach(name))
      return {
        address: name,
        power: async (how) => {
          asked.push(...(how ? [how] : []))
          return reach('on' as const)
        },
        bootDevice: async () => reach({ device: 'disk' as const, persistent: true, valid: true }),
        powerOn: command,
        powerOff: command,
        softOff: command,
        powerCycle: command,
        setBootDevice: command,
        close: async () => undefined,
      } satisfies Bmc
    },
  })
  const auto = createAuto({
    drivers: { ipmi: driver('ipmi'), redfish: driver('redfish') },
    probes: {
      ipmi: async () => {
        asked.push('ipmi')
        return speaks.ipmi
      },
      redfish: async () => {
        asked.push('redfish')
        return speaks.redfish
      },
    },
    remember: async (_id, found) => void remembered.push(found),
    againMs: 1000,
    now: () => now,
  })
  return { auto, speaks, asked, commands, remembered, later: (ms: number) => (now += ms) }
}

describe('which protocol', () => {
  test.each<[string, { ipmi: boolean; redfish: boolean | FerruleError }, string]>([
    ['both, Redfish with a known certificate', { ipmi: true, redfish: true }, 'redfish'],
    ['both, and nobody has trusted the certificate', { ipmi: true, redfish: untrusted }, 'ipmi'],
    ['IPMI alone', { ipmi: true, redfish: false }, 'ipmi'],
    ['Redfish alone', { ipmi: false, redfish: true }, 'redfish'],
  ])('%s', async (_, speaks, expected) => {
    const { auto, remembered } = room(speaks)
    expect((await auto.open(endpoint, null)).address).toBe(expected)
    expect(remembered).toEqual([expected])
  })

  test('nothing but a certificate that nobody has trusted is a question to a person', async () => {
    const { auto } = room({ ipmi: false, redfish: untrusted })
    await expect(auto.open(endpoint, null)).rejects.toBe(untrusted)
  })

  test('nothing at all is unreachable', async () => {
    const { auto, remembered } = room({ ipmi: false, redfish: false })
    await expect(auto.open(endpoint, null)).rejects.toMatchObject({ code: 'bmc-unreachable' })
    expect(remembered).toEqual([])
  })

  test('a trusted certificate means Redfish, and IPMI is not even asked: also when HTTPS is cut', async () => {
    const { auto, asked, speaks } = room({ ipmi: true, redfish: true })
    const bmc = await auto.open({ ...endpoint, fingerprint: 'aa' }, 'ipmi')
    expect(bmc.address).toBe('redfish')
    speaks.redfish = false
    await expect(bmc.power()).rejects.toBe(silent)
    expect(asked).toEqual([])
  })

  test('what was found is not looked for again, and many who ask at once make one search', async () => {
    const { auto, asked } = room({ ipmi: true, redfish: false })
    await auto.open(endpoint, 'ipmi')
    expect(asked).toEqual([])
    await Promise.all([1, 2, 3].map(() => auto.open(endpoint, null)))
    expect(asked).toEqual(['ipmi', 'redfish'])
  })
})

describe('when it stops answering', () => {
  test('a read finds what it speaks now, and commands go there too', async () => {
    const { auto, speaks, remembered, commands, asked } = room({ ipmi: true, redfish: false })
    const bmc = await auto.open(endpoint, 'ipmi')
    Object.assign(speaks, { ipmi: false, redfish: true })
    expect(await bmc.power()).toBe('on')
    expect(remembered).toEqual(['redfish'])
    asked.length = 0
    await bmc.power({ patient: false })
    expect(asked).toEqual([{ patient: false }])
    await bmc.powerOff(lease)
    expect(commands).toEqual(['redfish'])
  })

  test('a command is never sent by another protocol after it failed: it may have been heard', async () => {
    const { auto, speaks, commands, asked } = room({ ipmi: true, redfish: false })
    const bmc = await auto.open(endpoint, 'ipmi')
    Object.assign(speaks, { ipmi: false, redfish: true })
    await expect(bmc.powerOn(lease)).rejects.toBe(silent)
    expect(commands).toEqual([])
    expect(asked).toEqual([])
  })

  test('a dead BMC is searched for now and then only, and its own error is told', async () => {
    const { auto, speaks, asked, later } = room({ ipmi: true, redfish: false })
    const bmc = await auto.open(endpoint, 'ipmi')
    speaks.ipmi = false
    for (let poll = 0; poll < 3; poll += 1) await expect(bmc.power()).rejects.toBe(silent)
    expect(asked).toHaveLength(2)
    later(1500)
    await expect(bmc.power()).rejects.toBe(silent)
    expect(asked).toHaveLength(4)
  })
})

describe('the probes', () => {
  const stops: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  async function udp(answer: Buffer | null): Promise<number> {
    const socket = createSocket('udp4')
    let heard = 0
    socket.on('message', (_packet, from) => {
      heard += 1
      // The first one is lost.
      if (answer && heard > 1) socket.send(answer, from.port, from.address)
    })
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    stops.push(() => new Promise<void>((resolve) => socket.close(() => resolve())))
    return socket.address().port
  }

  test.each([
    ['an IPMI answer', Buffer.from('0600ff07000000000000000000', 'hex'), true],
    ['another answer', Buffer.from('hello'), false],
    ['silence', null, false],
  ])('IPMI: %s', async (_, answer, expected) => {
    const port = await udp(answer)
    expect(await speaksIpmi({ host: '127.0.0.1', port }, 300)).toBe(expected)
  })

  test('IPMI: a port that nobody has', async () => {
    expect(await speaksIpmi({ host: '127.0.0.1', port: 9 }, 200)).toBe(false)
    expect(await speaksIpmi({ host: 'no-such-host.invalid', port: 623 }, 200)).toBe(false)
  })

  test('Redfish: a certificate that nobody has trusted, and nobody there; no login is sent', async () => {
    const fake = await startFakeBmc()
    expect(await probeRedfish({ address: fake.address, host })).toMatchObject({ code: 'bmc-untrusted' })
    expect(fake.seen).toEqual([])
    await fake.stop()
    expect(await probeRedfish({ address: fake.address, host })).toBe(false)
  })
})
