import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../../src/domain/errors.ts'
import type { SwitchPorts } from '../../src/drivers/switch/types.ts'
import { netconfRoom, openNetconf } from './support/netconf-room.ts'
import { type NetconfSwitch, startNetconfSwitch } from './support/netconf-switch.ts'
import type { OpenConfigRoom } from './support/openconfig-room.ts'
import { failure } from './support/ovs-room.ts'
import { access, heldSwitch, trunk } from './support/switch-lease.ts'

let at: NetconfSwitch
let room: OpenConfigRoom
let ports: SwitchPorts
const give = new Map([['Ethernet1', trunk(201, 301)]])
const startup = () => at.netconfd.ask('<get-config><source><startup/></source></get-config>')
const validate =
  '<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="between"><validate><source><candidate/></source></validate></rpc>'

beforeAll(async () => {
  at = await startNetconfSwitch(['--target=candidate', '--with-startup=true'])
  room = netconfRoom(at, 'candidate')
})
afterAll(() => at?.stop())
beforeEach(async () => {
  await room.reset()
  ports = room.open()
})
afterEach(() => ports.close())

test('what is running is saved, and is what a reboot would bring', async () => {
  await ports.ensurePorts(heldSwitch('tor1'), give)
  expect(await startup()).toMatch(/<native-vlan>201<[\s\S]*<trunk-vlans>201<[\s\S]*<trunk-vlans>301</)
  expect((await ports.readSavedPorts(['Ethernet1'])).get('Ethernet1')).toEqual(trunk(201, 301))
})

test('VLANs that the switch has not are made with the port, under our name, once', async () => {
  await ports.ensurePorts(heldSwitch('tor1'), new Map([['Ethernet1', trunk(701, 702)]]))
  await ports.ensurePorts(heldSwitch('tor1'), new Map([['Ethernet1', access(702)]]))
  const config = await at.netconfd.ask('<get-config><source><running/></source></get-config>')
  expect(config.match(/<name>ferrule-70\d</g)).toEqual(['<name>ferrule-701<', '<name>ferrule-702<'])
})

test('at no instant a port carries anything but its old VLANs or its new ones', async () => {
  await ports.ensurePorts(heldSwitch('tor1'), give)
  const seen = new Set<string>()
  let over = false
  const watching = (async () => {
    while (!over) seen.add(await room.carries('Ethernet1'))
  })()
  await ports.ensurePorts(heldSwitch('tor1'), new Map([['Ethernet1', trunk(401, 501)]]))
  await ports.ensurePorts(heldSwitch('tor1'), new Map([['Ethernet1', access(10)]]))
  over = true
  await watching
  expect([...seen].filter((state) => !['201 t301', '401 t501', '10'].includes(state))).toEqual([])
  expect(seen.size).toBeGreaterThan(1)
})

describe('a switch that says ok and does nothing', () => {
  test('netconfd after a validate: found by reading, nothing confirmed, nothing saved', async () => {
    const before = await startup()
    at.toSwitch = (message) => (message.includes('<commit>') ? [validate, message] : [message])
    const answers: string[] = []
    at.toClient = (message) => {
      if (/message-id="(?:between)"/.test(message)) return []
      answers.push(message)
      return [message]
    }
    const error = await failure(ports.ensurePorts(heldSwitch('tor1'), give))
    expect(error).toMatchObject({ code: 'switch-mismatch', details: { ports: ['Ethernet1'] } })
    expect(error.message).toContain('Ethernet1 shows untagged 0, up instead of untagged 201, tagged 301, up')
    expect(error.message).toContain('the state before was put back')
    expect(answers.join()).not.toContain('rpc-error')
    expect(await room.carries('Ethernet1')).toBe('200')
    expect(await startup()).toBe(before)
  })
})

describe('a commit that is not confirmed', () => {
  test('because the lease is lost: it was there, and the switch takes it back', async () => {
    let proofs = 0
    let running = ''
    const lease = heldSwitch('tor1', async () => {
      proofs += 1
      // in the queue, and before the lock, the edit, the commit and the confirmation
      if (proofs < 5) return
      running = await room.carries('Ethernet1')
      throw new FerruleError('lease-lost', 'lost', 'repeat')
    })
    expect(await failure(ports.ensurePorts(lease, give))).toMatchObject({ code: 'lease-lost' })
    expect(running).toBe('201 t301')
    expect(await room.carries('Ethernet1')).toBe('200')
  })

  test('because the session is lost with its answer: nobody takes the state for done that the switch takes back', async () => {
    let asked = false
    at.toSwitch = (message) => {
      asked ||= message.includes('<confirmed/>')
      return [message]
    }
    at.toClient = (message, { cut }) => {
      if (!asked) return [message]
      at.toSwitch = (other) => [other]
      at.toClient = (other) => [other]
      cut()
      return []
    }
    const error = await failure(ports.ensurePorts(heldSwitch('tor1'), give))
    expect(error).toMatchObject({ code: 'switch-unreachable' })
    expect(await room.carries('Ethernet1')).toBe('200')
    expect((await ports.readPorts(['Ethernet1'])).get('Ethernet1')).toEqual(access(200))
  })
})

test('another session has the lock: told with its number, nothing written', async () => {
  await at.netconfd.ask('<lock><target><candidate/></target></lock>')
  try {
    const error = await failure(ports.ensurePorts(heldSwitch('tor1'), give))
    expect(error).toMatchObject({ code: 'switch-refused' })
    expect(error.message).toMatch(/lock candidate.*NETCONF session \d+ has it/)
    expect(await room.carries('Ethernet1')).toBe('200')
  } finally {
    await at.netconfd.ask('<unlock><target><candidate/></target></unlock>')
  }
})

test('a lock for a moment is waited for', async () => {
  await at.netconfd.ask('<lock><target><candidate/></target></lock>')
  const work = ports.ensurePorts(heldSwitch('tor1'), give)
  setTimeout(() => void at.netconfd.ask('<unlock><target><candidate/></target></unlock>'), 500)
  await work
  expect(await room.carries('Ethernet1')).toBe('201 t301')
})

test('somebody else changes the port between the read and the lock: seen under the lock, and read again', async () => {
  let proofs = 0
  const lease = heldSwitch('tor1', async () => {
    proofs += 1
    if (proofs === 1) await room.foreignEdit('Ethernet1', 555)
  })
  const [result] = await ports.ensurePorts(lease, give)
  expect(result?.before).toEqual(access(555))
  expect(await room.carries('Ethernet1')).toBe('201 t301')
})

test('an old switch that knows base:1.0 only', async () => {
  at.old = true
  const old = openNetconf(at)
  try {
    await old.ensurePorts(heldSwitch('tor1'), give)
    expect(await room.carries('Ethernet1')).toBe('201 t301')
  } finally {
    await old.close()
  }
})
