import type { RestRoot } from './rest.ts'
import type { SwitchOptions, SwitchServer } from './server.ts'
import { startSwitch } from './server.ts'

/** For tests: a switch on a free port with hosts on 1/1-1/4, an unused 1/5 and an uplink. */
export function startTestSwitch(
  root: RestRoot = 'dell',
  more: Partial<SwitchOptions> = {},
): Promise<SwitchServer> {
  return startSwitch({
    address: '127.0.0.1',
    port: 0,
    name: 'r1-tor1',
    root,
    pxeVlan: 10,
    ports: [
      ...[1, 2, 3, 4].map((n) => ({ name: `1/${n}`, use: 'host' as const })),
      { name: '1/5', use: 'unused' },
      { name: '1/49', use: 'uplink', type: 'fortyGigE' },
    ],
    users: [
      { username: 'admin', password: 'secret', level: 15 },
      { username: 'viewer', password: 'look', level: 1 },
    ],
    ...more,
  })
}

export interface Reply {
  status: number
  text: string
}

export async function ask(
  to: SwitchServer,
  method: string,
  path: string,
  body?: string,
  user = 'admin:secret',
): Promise<Reply> {
  const response = await fetch(`http://${to.address}:${to.port}/api/running/${to.root}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(user).toString('base64')}`,
      'content-type': 'application/vnd.yang.data+xml',
    },
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, text: await response.text() }
}

export function cli(
  to: SwitchServer,
  kind: 'config-commands' | 'show-command' | 'exec-command',
  text: string,
  user?: string,
): Promise<Reply> {
  return ask(to, 'POST', '/_operations/cli', `<input><${kind}>${text}</${kind}></input>`, user)
}

export function configure(to: SwitchServer, ...lines: string[]): Promise<Reply> {
  return cli(to, 'config-commands', lines.join('\r\n'))
}
