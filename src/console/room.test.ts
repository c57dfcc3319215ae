import { beforeEach, describe, expect, test } from 'vitest'
import { FerruleError } from '../domain/errors.ts'
import type { ConsoleEnd, SerialConsole } from '../drivers/bmc/types.ts'
import { ConsoleRoom, type ConsoleState, type Tenant, type Viewer } from './room.ts'

/** A BMC whose console can be cut, taken and listened to from the other end. */
class Bmc {
  lines: {
    typed: string
    print(text: string): void
    end(end: ConsoleEnd): void
    closed: boolean
    tookOver: boolean
    refuses: FerruleError | null
    closing: Promise<void>
  }[] = []
  refusal: FerruleError | null = null
  besideCommandLine = false

  async openConsole({ takeOver }: { takeOver: boolean }): Promise<SerialConsole> {
    if (this.refusal && !(takeOver && this.refusal.code === 'console-busy')) throw this.refusal
    let listener: (data: Buffer) => void = () => undefined
    let end: (end: ConsoleEnd) => void = () => undefined
    const ended = new Promise<ConsoleEnd>((resolve) => {
      end = resolve
    })
    const line = {
      typed: '',
      print: (text: string) => listener(Buffer.from(text)),
      end,
      closed: false,
      tookOver: takeOver,
      refuses: null as FerruleError | null,
      closing: Promise.resolve(),
    }
    this.lines.push(line)
    return {
      write: async (data) => {
        if (line.refuses) throw line.refuses
        line.typed += data.toString()
      },
      onData: (to) => {
        listener = to
      },
      ended,
      besideCommandLine: this.besideCommandLine,
      close: async () => {
        line.closed = true
        end({ reason: 'closed', detail: 'by us' })
        await line.closing
      },
    }
  }

  get line() {
    const line = this.lines.at(-1)
    if (!line) throw new Error('the console was never opened')
    return line
  }
}

class Watcher implements Viewer {
  seen = ''
  states: ConsoleState[] = []
  ended: string | null = null
  readonly name: string
  readonly mayWrite: boolean
  readonly instanceId: string | null

  constructor(name: string, { mayWrite = true, instanceId = null as string | null } = {}) {
    this.name = name
    this.mayWrite = mayWrite
    this.instanceId = instanceId
  }

  data(bytes: Buffer): void {
    this.seen += bytes.toString()
  }

  state(state: ConsoleState): void {
    this.states.push(state)
  }

  end(reason: string): void {
    this.ended = reason
  }

  get last(): ConsoleState | undefined {
    return this.states.at(-1)
  }
}

let bmc: Bmc
let timers: { ms: number; task: () => void }[]
let ended: number
let room: ConsoleRoom

const settle = () => new Promise((resolve) => setImmediate(resolve))
const fire = async () => {
  for (const { task } of timers.splice(0)) task()
  await settle()
}

const of = (instanceId: string | null, mayType = true): Tenant | null =>
  instanceId === null ? null : { instanceId, mayType }

function begin(tenant: string | null = null): void {
  room = new ConsoleRoom(
    {
      open: async () => bmc,
      lingerMs: 30_000,
      historyBytes: 10,
      after: (ms, task) => {
        const timer = { ms, task }
        timers.push(timer)
        return () => {
          timers = timers.filter((one) => one !== timer)
        }
      },
      onEnd: () => {
        ended += 1
      },
    },
    of(tenant),
  )
}

async function open(tenant: string | null = null): Promise<void> {
  begin(tenant)
  await settle()
}

beforeEach(async () => {
  bmc = new Bmc()
  timers = []
  ended = 0
})

describe('many viewers, one session', () => {
  test('all see the same, and who comes later sees the end of what was printed before', async () => {
    await open()
    const [first, second] = [new Watcher('first'), new Watcher('second')]
    room.join(first)
    bmc.line.print('0123456789')
    bmc.line.print('abc')
    room.join(second)
    bmc.line.print('!')
    expect(first.seen).toBe('0123456789abc!')
    expect(second.seen).toBe('3456789abc!')
    expect(bmc.lines).toHaveLength(1)
    expect(second.last).toMatchObject({ line: { state: 'open' }, viewers: 2, writer: null })
  })

  test('one types at a time: the first who does, until another takes it', async () => {
    await open()
    const [first, second] = [new Watcher('first'), new Watcher('second')]
    room.join(first)
    room.join(second)
    room.write(first, Buffer.from('a'))
    room.write(second, Buffer.from('b'))
    expect(second.last).toMatchObject({ writer: 'first', writing: false })
    room.take(second)
    room.write(second, Buffer.from('c'))
    room.write(first, Buffer.from('d'))
    expect(bmc.line.typed).toBe('ac')
    expect(first.last).toMatchObject({ writer: 'second', writing: false })
  })

  test('when the writer leaves, the next who types is it', async () => {
    await open()
    const [first, second] = [new Watcher('first'), new Watcher('second')]
    const leave = room.join(first)
    room.join(second)
    room.write(first, Buffer.from('a'))
    leave()
    room.write(second, Buffer.from('b'))
    expect(bmc.line.typed).toBe('ab')
  })

  test('who may only watch cannot type, nor take', async () => {
    await open()
    const reader = new Watcher('reader', { mayWrite: false })
    room.join(reader)
    room.write(reader, Buffer.from('rm'))
    room.take(reader)
    room.write(reader, Buffer.from('-rf'))
    expect(bmc.line.typed).toBe('')
    expect(reader.last).toMatchObject({ writer: null })
  })

  test('the session is kept for a while after the last one left, then closed', async () => {
    await open()
    const leave = room.join(new Watcher('only'))
    leave()
    expect(bmc.line.closed).toBe(false)
    const back = room.join(new Watcher('back'))
    expect(timers).toEqual([])
    back()
    expect(timers.map(({ ms }) => ms)).toEqual([30_000])
    await fire()
    expect(bmc.line.closed).toBe(true)
    expect(ended).toBe(1)
  })

  test('nobody finds a room whose session is being ended', async () => {
    await open()
    room.join(new Watcher('only'))()
    let release: () => void = () => undefined
    bmc.line.closing = new Promise((resolve) => {
      release = resolve
    })
    const closed = room.close()
    expect(ended).toBe(1)
    expect(await Promise.race([closed, settle().then(() => 'still closing')])).toBe('still closing')
    release()
    await closed
    await room.close()
    expect(ended).toBe(1)
  })

  test('keys that the machine does not take: everybody is told why, until it says something', async () => {
    await open()
    const viewer = new Watcher('viewer')
    room.join(viewer)
    bmc.line.refuses = new FerruleError('bmc-refused', 'the machine is off', 'Switch it on.')
    room.write(viewer, Buffer.from('x'))
    await settle()
    expect(viewer.last?.line).toMatchObject({ state: 'open', reason: 'the machine is off' })
    bmc.line.print('booting')
    expect(viewer.last?.line).toEqual({ state: 'open' })
  })
})

describe('a line that goes', () => {
  test('lost with the BMC: tried again with growing pauses, and everybody goes on watching', async () => {
    await open()
    const viewer = new Watcher('viewer')
    room.join(viewer)
    bmc.refusal = new FerruleError('bmc-unreachable', 'silence', 'Look at it.')
    bmc.line.end({ reason: 'lost', detail: 'no keepalive' })
    await settle()
    expect(viewer.last?.line).toEqual({ state: 'retrying', reason: 'no keepalive' })
    const pauses: number[] = []
    for (let round = 0; round < 6; round += 1) {
      pauses.push(timers[0]?.ms ?? 0)
      await fire()
    }
    expect(pauses).toEqual([1_000, 2_000, 5_000, 10_000, 30_000, 30_000])
    // not "connecting" in between: why there is no line stays to be read
    expect(viewer.states.slice(-6).map(({ line }) => line.state)).toEqual(Array(6).fill('retrying'))
    bmc.refusal = null
    await fire()
    bmc.line.print('again')
    expect(viewer.last?.line).toEqual({ state: 'open' })
    expect(viewer.seen).toBe('again')
  })

  test('taken by another tool: not fought for, until a person says so', async () => {
    await open()
    const viewer = new Watcher('viewer')
    room.join(viewer)
    bmc.refusal = new FerruleError('console-busy', 'somebody has it', 'Take it over.')
    bmc.line.end({ reason: 'taken', detail: 'another session' })
    await settle()
    expect(viewer.last?.line).toEqual({ state: 'taken', reason: 'another session' })
    expect(timers).toEqual([])
    room.take(viewer)
    await settle()
    expect(bmc.line.tookOver).toBe(true)
    expect(viewer.last?.line).toEqual({ state: 'open' })
  })

  test('who comes back while it is tried does not make it be tried twice', async () => {
    let tries = 0
    begin()
    const leave = room.join(new Watcher('first'))
    await settle()
    bmc.refusal = new FerruleError('bmc-unreachable', 'silence', 'Look at it.')
    bmc.line.end({ reason: 'lost', detail: 'gone' })
    await settle()
    const slow = bmc.openConsole
    bmc.openConsole = (options) => {
      tries += 1
      return slow.call(bmc, options)
    }
    for (const { task } of timers.splice(0)) task()
    leave()
    room.join(new Watcher('second'))
    await settle()
    expect(tries).toBe(1)
  })

  test('a wrong password is told and not tried again', async () => {
    bmc.refusal = new FerruleError('bmc-auth', 'wrong password', 'Correct it.')
    begin()
    const viewer = new Watcher('viewer')
    room.join(viewer)
    await settle()
    expect(viewer.last?.line).toEqual({ state: 'failed', reason: 'wrong password', remedy: 'Correct it.' })
    expect(timers).toEqual([])
  })

  test('nothing is tried for nobody', async () => {
    await open()
    bmc.line.end({ reason: 'lost', detail: 'gone' })
    await settle()
    expect(timers).toEqual([])
    room.join(new Watcher('late'))
    await settle()
    expect(bmc.lines).toHaveLength(2)
  })
})

describe('whose server it is', () => {
  test('with the next tenant the last one is put out, and the next one reads nothing of before', async () => {
    await open('old')
    const [operator, old] = [new Watcher('operator'), new Watcher('old', { instanceId: 'old' })]
    room.join(operator)
    room.join(old)
    bmc.line.print('secret')
    room.setTenant(of('new'))
    const next = new Watcher('next', { instanceId: 'new' })
    room.join(next)
    bmc.line.print('hello')
    expect(old.ended).toContain('does not carry this instance')
    expect([old.seen, next.seen, operator.seen]).toEqual(['secret', 'hello', 'secrethello'])
    room.write(old, Buffer.from('x'))
    expect(bmc.line.typed).toBe('')
  })

  test('while Ferrule works on the server its user only watches, whoever typed before', async () => {
    await open('one')
    const [user, operator] = [new Watcher('user', { instanceId: 'one' }), new Watcher('operator')]
    room.join(user)
    room.join(operator)
    room.write(user, Buffer.from('a'))
    room.setTenant(of('one', false))
    expect(user.last).toMatchObject({ writer: null, writing: false, mayWrite: false })
    room.write(user, Buffer.from('b'))
    room.take(user)
    room.write(user, Buffer.from('c'))
    room.write(operator, Buffer.from('d'))
    expect(bmc.line.typed).toBe('ad')
    room.setTenant(of('one'))
    expect(user.last).toMatchObject({ writer: 'operator', mayWrite: true })
    expect([user.ended, user.seen]).toEqual([null, ''])
  })

  test('where a way leads from the port to the BMC, a cloud user only watches, also who typed before', async () => {
    await open('one')
    const [user, operator] = [new Watcher('user', { instanceId: 'one' }), new Watcher('operator')]
    room.join(user)
    room.join(operator)
    room.write(user, Buffer.from('a'))
    const before = bmc.line
    bmc.besideCommandLine = true
    before.end({ reason: 'lost', detail: 'gone' })
    await settle()
    await fire()
    expect(user.last).toMatchObject({ line: { state: 'open' }, writer: null, mayWrite: false })
    room.write(user, Buffer.from('b'))
    room.take(user)
    room.write(user, Buffer.from('c'))
    room.write(operator, Buffer.from('d'))
    expect([before.typed, bmc.line.typed]).toEqual(['a', 'd'])
  })

  test('whoever is not to watch any more is put out, with the reason', async () => {
    await open()
    const [good, bad] = [new Watcher('good'), new Watcher('bad')]
    room.join(good)
    room.join(bad)
    room.write(bad, Buffer.from('a'))
    room.putOut(({ name }) => (name === 'bad' ? 'withdrawn' : null))
    bmc.line.print('text')
    expect([bad.ended, bad.seen, good.ended, good.seen]).toEqual(['withdrawn', '', null, 'text'])
    expect(good.last).toMatchObject({ writer: null, viewers: 1 })
  })

  test('the same tenant again changes nothing', async () => {
    await open('old')
    const old = new Watcher('old', { instanceId: 'old' })
    room.join(old)
    bmc.line.print('text')
    room.setTenant(of('old'))
    const second = new Watcher('second', { instanceId: 'old' })
    room.join(second)
    expect([old.ended, second.seen]).toEqual([null, 'text'])
  })
})
