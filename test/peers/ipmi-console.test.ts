import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createIpmiDriver, type IpmiDriver } from '../../src/drivers/bmc/ipmi/driver.ts'
import type { IpmiDriverOptions } from '../../src/drivers/bmc/ipmi/options.ts'
import type { Bmc, SerialConsole } from '../../src/drivers/bmc/types.ts'
import {
  buildGoIpmi,
  type GoIpmiOptions,
  type GoIpmiPeer,
  type GoIpmiProgram,
} from './support/goipmi/peer.ts'
import { heldHost } from './support/host-lease.ts'
import { type IpmiSim, startIpmiSim } from './support/ipmi-sim.ts'

const drivers: IpmiDriver[] = []

afterEach(async () => {
  await Promise.all(drivers.splice(0).map((driver) => driver.close()))
})

/** Each call is another process as far as the BMC can see. */
function open(address: string, options: IpmiDriverOptions = {}): Bmc {
  const driver = createIpmiDriver({
    ...{ requestTimeoutMs: 2000, retransmitMs: 200, consoleKeepAliveMs: 300 },
    ...options,
  })
  drivers.push(driver)
  return driver.open({ address, username: 'admin', password: 'secret' })
}

function openConsole(bmc: Bmc, takeOver = false): Promise<SerialConsole> {
  if (bmc.console === undefined) throw new Error('the driver has no console')
  return bmc.console.openConsole({ takeOver })
}

/** What the console has shown so far. */
function screen(console: SerialConsole): { text: string } {
  const shown = { text: '' }
  console.onData((data) => {
    shown.text += data.toString('latin1')
  })
  return shown
}

/** Neither side may lose, repeat or reorder a character of it. */
function longText(length: number): string {
  let text = ''
  for (let line = 0; text.length < length; line += 1) text += `line ${line} of a long output\r\n`
  return text.slice(0, length)
}

describe("OpenIPMI's ipmi_sim", () => {
  let sim: IpmiSim
  let port: SerialPort

  async function start(): Promise<void> {
    port = await SerialPort.listen()
    sim = await startIpmiSim({ sol: `tcp:127.0.0.1:${port.number}` })
    await expect.poll(() => port.connected).toBe(true)
  }

  afterEach(async () => {
    await Promise.all(drivers.splice(0).map((driver) => driver.close()))
    await sim?.stop()
    port?.close()
  })

  test('carries what is typed and what is printed, whole and in order', async () => {
    await start()
    const console = await openConsole(open(sim.address))
    const shown = screen(console)
    const typed = longText(3000)
    await console.write(Buffer.from(typed))
    await expect.poll(() => port.typed).toBe(typed)
    const printed = longText(64 * 1024)
    port.print(printed)
    await expect.poll(() => shown.text.length, { timeout: 10_000 }).toBe(printed.length)
    expect(shown.text).toBe(printed)
  })

  test('keeps what was printed before anybody listened', async () => {
    await start()
    const console = await openConsole(open(sim.address))
    port.print('login: ')
    await sleep(200)
    const shown = screen(console)
    expect(shown.text).toBe('login: ')
  })

  test('a break reaches the serial port', async () => {
    await start()
    const console = await openConsole(open(sim.address))
    await console.sendBreak?.()
    // ipmi_sim writes it as telnet does, IAC BRK, and together with what follows.
    await console.write(Buffer.from('h'))
    await expect.poll(() => port.typed).toBe('\xff\xf3h')
  })

  test('the power is switched on the same session meanwhile', async () => {
    await start()
    const bmc = open(sim.address)
    const console = await openConsole(bmc)
    const shown = screen(console)
    const printed = longText(16 * 1024)
    port.print(printed)
    await bmc.powerOn(heldHost)
    expect(await bmc.power()).toBe('on')
    expect(sim.power()).toBe('on')
    await expect.poll(() => shown.text.length, { timeout: 10_000 }).toBe(printed.length)
    await bmc.close()
    await console.write(Buffer.from('still here'))
    await expect.poll(() => port.typed).toBe('still here')
  })

  test('outlives the half minute after which the simulator drops an idle session', async () => {
    await start()
    const console = await openConsole(open(sim.address, { consoleKeepAliveMs: 10_000 }))
    await sleep(35_000)
    await console.write(Buffer.from('x'))
    await expect.poll(() => port.typed).toBe('x')
  })

  test('is busy for a second one, is taken over by it, and says so', async () => {
    await start()
    const first = await openConsole(open(sim.address))
    const other = open(sim.address)
    await expect(openConsole(other)).rejects.toMatchObject({ code: 'console-busy' })
    const second = await openConsole(other, true)
    expect(await first.ended).toMatchObject({ reason: 'taken' })
    await second.write(Buffer.from('second'))
    await expect.poll(() => port.typed).toBe('second')
    await expect(first.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'bmc-unreachable' })
  })

  test('is free again once it is closed', async () => {
    await start()
    const first = await openConsole(open(sim.address))
    await first.close()
    expect(await first.ended).toMatchObject({ reason: 'closed' })
    const second = await openConsole(open(sim.address))
    await second.write(Buffer.from('y'))
    await expect.poll(() => port.typed).toBe('y')
  })

  test('is lost with a BMC that goes mute, within seconds', async () => {
    await start()
    const console = await openConsole(open(sim.address, { requestTimeoutMs: 600, retransmitMs: 100 }))
    await sim.stop()
    const end = await Promise.race([console.ended, sleep(5000)])
    expect(end).toMatchObject({ reason: 'lost', detail: expect.stringContaining('silent') })
  })
})

describe("go-ipmi's server", () => {
  let program: GoIpmiProgram
  let peer: GoIpmiPeer

  beforeAll(() => {
    program = buildGoIpmi()
  })

  afterEach(async () => {
    await Promise.all(drivers.splice(0).map((driver) => driver.close()))
    await peer?.stop()
  })

  afterAll(() => program?.remove())

  async function start(options: Partial<GoIpmiOptions> = {}): Promise<void> {
    peer = await program.start({ suites: [17], console: 255, ...options })
  }

  const typed = async () => Buffer.from((await peer.state()).typed, 'hex').toString('latin1')

  // It gives the console to ADMINISTRATOR only, so each of these has logged in once more for it.
  test.each([3, 17])('with suite %i: what is typed and printed, whole and in order', async (suite) => {
    await start({ suites: [suite] })
    const console = await openConsole(open(peer.address))
    const shown = screen(console)
    const text = longText(3000)
    await console.write(Buffer.from(text))
    expect(await typed()).toBe(text)
    const printed = longText(20_000)
    await peer.print(printed)
    await expect.poll(() => shown.text.length, { timeout: 10_000 }).toBe(printed.length)
    expect(shown.text).toBe(printed)
  })

  test('a serial port that takes seven characters at once gets all of them once', async () => {
    await start({ console: 7 })
    const console = await openConsole(open(peer.address))
    await console.write(Buffer.from('twenty-one characters'))
    expect(await typed()).toBe('twenty-one characters')
  }, 20_000)

  test('a serial port that takes none is an error of that write, and not the end of the console', async () => {
    await start({ console: 0 })
    const console = await openConsole(open(peer.address))
    await expect(console.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'bmc-refused' })
    const shown = screen(console)
    await peer.print('alive')
    await expect.poll(() => shown.text).toBe('alive')
  }, 20_000)

  test('breaks', async () => {
    await start()
    const console = await openConsole(open(peer.address))
    await console.sendBreak?.()
    await console.sendBreak?.()
    expect((await peer.state()).breaks).toBe(2)
  })

  test('an operator is told which privilege the console needs', async () => {
    await start({ privilege: 'operator' })
    const bmc = open(peer.address)
    await expect(openConsole(bmc)).rejects.toMatchObject({
      code: 'bmc-auth',
      remedy: expect.stringContaining('ADMINISTRATOR'),
    })
    expect(await bmc.power()).toBe('off')
  })

  test('without a serial port there is no console, and nothing is left open', async () => {
    peer = await program.start({ suites: [17] })
    const bmc = open(peer.address)
    await expect(openConsole(bmc)).rejects.toMatchObject({ code: 'bmc-refused' })
    await bmc.close()
    expect((await peer.state()).sessions).toBe(0)
  })

  test('is taken over, notices it by the word of the BMC, and takes it back', async () => {
    await start()
    const mine = open(peer.address, { consoleKeepAliveMs: 60_000 })
    const first = await openConsole(mine)
    const other = open(peer.address)
    await expect(openConsole(other)).rejects.toMatchObject({ code: 'console-busy' })
    const second = await openConsole(other, true)
    expect(await first.ended).toMatchObject({ reason: 'taken' })
    const third = await openConsole(mine, true)
    expect(await second.ended).toMatchObject({ reason: 'taken' })
    await third.write(Buffer.from('third'))
    expect(await typed()).toBe('third')
  })

  test('one session carries console and commands, and is closed with the driver', async () => {
    await start({ sessions: 1 })
    const bmc = open(peer.address)
    const console = await openConsole(bmc)
    await bmc.powerOn(heldHost)
    expect(await peer.state()).toMatchObject({ on: true, sessions: 1 })
    await Promise.all(drivers.splice(0).map((driver) => driver.close()))
    expect(await console.ended).toMatchObject({ reason: 'closed' })
    expect((await peer.state()).sessions).toBe(0)
  })

  test('a BMC that restarts has lost it; it opens again', async () => {
    await start()
    const bmc = open(peer.address, { requestTimeoutMs: 600, retransmitMs: 100 })
    const first = await openConsole(bmc)
    const { address } = peer
    await peer.stop()
    await start({ listen: address })
    expect(await first.ended).toMatchObject({ reason: 'lost' })
    const second = await openConsole(bmc)
    await second.write(Buffer.from('again'))
    expect(await typed()).toBe('again')
  })
})

/** The machine's serial port, to which ipmi_sim connects. */
class SerialPort {
  readonly #server: Server
  #socket: Socket | undefined
  typed = ''

  static async listen(): Promise<SerialPort> {
    const port = new SerialPort(createServer())
    await new Promise<void>((resolve) => port.#server.listen(0, '127.0.0.1', resolve))
    return port
  }

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#socket = socket
      socket.on('error', () => undefined)
      socket.on('data', (data) => {
        this.typed += data.toString('latin1')
      })
    })
  }

  get number(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return address.port
  }

  get connected(): boolean {
    return this.#socket !== undefined
  }

  print(text: string): void {
    this.#socket?.write(text, 'latin1')
  }

  close(): void {
    this.#socket?.destroy()
    this.#server.close()
  }
}
