import { expect, test } from 'vitest'
import { CommandLine, ConsoleSeat } from './command-line.ts'

/** A serial port that keeps what is typed, and the lines of a BMC that lead there. */
function given() {
  const listeners = new Set<(bytes: Buffer) => void>()
  const seat = new ConsoleSeat()
  const port = {
    typed: '',
    history: () => Buffer.alloc(0),
    onOutput(listener: (bytes: Buffer) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    type: (bytes: Buffer) => {
      port.typed += bytes.toString('latin1')
    },
    sendBreak: () => {},
  }
  const open = () => {
    const terminal = { text: '', ended: false }
    const line = new CommandLine(
      {
        write: (bytes) => {
          terminal.text += bytes.toString()
        },
        end: () => {
          terminal.ended = true
        },
      },
      port,
      seat,
    )
    return { terminal, line, type: (text: string) => line.receive(Buffer.from(text, 'latin1')) }
  }
  const print = (text: string) => {
    for (const listener of listeners) listener(Buffer.from(text))
  }
  return { port, open, print }
}

test('a command leads to the serial port, a key back, and each byte gets to one of them', () => {
  const { port, open, print } = given()
  const { terminal, type } = open()
  print('nobody reads this')
  type('consolx\x7fe\rroot\r\x1cexi')
  print('nor this')
  expect(port.typed).toBe('root\r')
  expect(terminal).toEqual({
    text: 'Lab BMC 1.10\r\nbmc-> consolx\b \be\r\n\r\nbmc-> exi',
    ended: false,
  })
  type('t\r')
  expect(terminal.ended).toBe(true)
})

test('one session at a time has it, until it leaves', () => {
  const { port, open, print } = given()
  const [first, second] = [open(), open()]
  first.type('console\r')
  print('login: ')
  second.type('console\r')
  expect(first.terminal.text).toMatch(/console\r\nlogin: $/)
  expect(second.terminal.text).toMatch(/in use by another session\.\r\nbmc-> $/)
  first.line.leave()
  second.line.leave()
  second.type('console\rx')
  first.type('y')
  expect(port.typed).toBe('x')
})
