import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PortState } from '../types.ts'
import { Os9Terminal } from './os9-terminal.ts'

export interface Os9Server {
  /** host:port for the driver's endpoint. */
  address: string
  terminal: Os9Terminal
  /** Method and path, with the command for REST-CLI calls. */
  requests: string[]
  /** Called after every configuration line that was typed. */
  onLine: (line: string) => void
  /** Answers a request in its own way when it returns true. */
  intercept: (request: IncomingMessage, body: string, response: ServerResponse) => boolean
  stop(): Promise<void>
}

/** The REST-CLI of one OS9 switch over an Os9Terminal, under the root given. */
export async function startOs9Server(
  states: ReadonlyMap<string, PortState>,
  root = 'dell',
): Promise<Os9Server> {
  let startup = ''
  const terminal = new Os9Terminal(states)
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    os9.requests.push(`${request.method} ${request.url}${body === '' ? '' : ` ${body}`}`)
    if (os9.intercept(request, body, response)) return
    if (request.headers.authorization !== `Basic ${btoa('admin:s3cret')}`) return end(response, 401, '')
    if (!request.url?.startsWith(`/api/running/${root}`))
      return end(response, 404, '<error>no such resource</error>')
    if (request.method === 'GET') return end(response, 200, `<${root}/>`)
    end(response, 200, answer(run(body)))
  })

  function run(body: string): string {
    const match = /^<input><([a-z-]+)>([\s\S]*)<\/\1><\/input>$/.exec(body)
    const text = match?.[2] ?? ''
    if (match?.[1] === 'exec-command' && text === 'write') startup = print(terminal)
    if (match?.[1] === 'show-command' && text === 'running-config') return print(terminal)
    if (match?.[1] === 'show-command' && text === 'startup-config') return startup
    if (match?.[1] !== 'config-commands') return `${text}\r\nDell#`
    terminal.begin()
    if (text.length > 1000) return '% Error: Command too long.'
    return text
      .split('\r\n')
      .map((line) => {
        try {
          terminal.type(line)
          os9.onLine(line)
          return `Dell(conf)#${line}`
        } catch (error) {
          return `Dell(conf)#${line}\r\n${error instanceof Error ? error.message : error}`
        }
      })
      .join('\r\n')
  }

  startup = print(terminal)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const os9: Os9Server = {
    address: `127.0.0.1:${port}`,
    terminal,
    requests: [],
    onLine: () => {},
    intercept: () => false,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return os9
}

export function answer(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<output xmlns='http://www.dell.com/ns/dell:0.1/root'>\n<command>${escaped}</command>\n</output>\n`
}

export function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/vnd.yang.data+xml' })
  response.end(body)
}

/** The configuration as OS9 prints it, one membership a line. */
function print(terminal: Os9Terminal): string {
  const lines = ['show config', 'Current Configuration ...', '!']
  for (const [name, port] of terminal.ports) {
    lines.push(`interface ${name}`, ' no ip address')
    if (port.hybrid) lines.push(' portmode hybrid')
    if (port.layer2) lines.push(' switchport')
    if (port.channel !== undefined)
      lines.push('!', ' port-channel-protocol LACP', `  port-channel ${port.channel} mode active`)
    lines.push(port.shut ? ' shutdown' : ' no shutdown', '!')
  }
  for (const [vlan, description] of terminal.vlans) {
    lines.push(`interface Vlan ${vlan}`)
    if (description !== null) lines.push(` description ${description}`)
    for (const [name, port] of terminal.ports) {
      if (port.tagged.has(vlan)) lines.push(` tagged ${name}`)
      if (port.untagged === vlan) lines.push(` untagged ${name}`)
    }
    lines.push(' no shutdown', '!')
  }
  return [...lines, 'end', 'Dell#'].join('\r\n')
}
