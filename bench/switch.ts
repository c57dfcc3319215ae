import { parseArgs } from 'node:util'
import type { Result } from './report.ts'
import { median, report, table } from './report.ts'
import { countLogins, moveByFerrule } from './switch/ferrule.ts'
import { moveByNgs, requireNgs } from './switch/ngs.ts'
import { type Heard, type Rack, startRack } from './switch/rack.ts'
import { type SshSwitch, startSshSwitch } from './switch/ssh-switch.ts'

/**
 * Gives all 48 ports of one ToR to another tenant, under traffic: Ferrule's driver and networking-generic-switch's own one, on
 * the same real Open vSwitch in user space. Every cable is listened to. Needs root for namespaces.
 *
 *     npm run bench:switch -- [--quick] [--json]
 *
 * --quick lets networking-generic-switch, which takes seconds for each port, do a few of them, and multiplies.
 */
const meaning: Record<string, string> = {
  ngs_wall_ratio:
    "networking-generic-switch with its SSH session kept: how many times as long as Ferrule's 48 ports",
  ngs_default_wall_ratio: 'the same as it comes, with a login for each port',
  leaked_frames: "frames of other tenants' VLANs that reached a server while Ferrule changed its port",
  lost_frames:
    "frames of the servers' own networks, old or new, that did not arrive meanwhile, in one change of 48 ports",
  logins: 'connections that Ferrule made for 48 calls',
  wall_ms: '48 calls of Ferrule at once: login, read, write, read-back',
  ngs_port_s: 'networking-generic-switch, session kept: one port',
  ngs_default_port_s: 'the same with a login for each',
  ngs_leaked_frames_per_port: 'networking-generic-switch, session kept: foreign frames per port',
  ngs_default_leaked_frames_per_port: 'the same with a login for each',
  ngs_lost_frames_per_port:
    'networking-generic-switch, session kept: own frames that did not arrive, per port',
  ngs_logins_per_port: 'networking-generic-switch as it comes: logins per port',
}

const PORTS = 48

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  requireNgs()
  const rack = await startRack(PORTS)
  try {
    const ssh = await startSshSwitch(rack.ovs.runFolder)
    try {
      const done = report('switch', await compare(rack, ssh, values.quick))
      process.stdout.write(values.json ? `${JSON.stringify(done)}\n` : table(done, meaning))
    } finally {
      await ssh.stop()
    }
  } finally {
    await rack.stop()
  }
}

async function compare(rack: Rack, ssh: SshSwitch, quick: boolean): Promise<Result[]> {
  const ours = await byFerrule(rack, quick ? 5 : 15)
  const kept = await byNgs(rack, ssh, true, quick ? 3 : PORTS)
  const fresh = await byNgs(rack, ssh, false, quick ? 2 : PORTS)
  return [
    figure('ngs_wall_ratio', (kept.portMs * PORTS) / ours.wallMs, '×', 'higher'),
    figure('ngs_default_wall_ratio', (fresh.portMs * PORTS) / ours.wallMs, '×', 'higher'),
    figure('leaked_frames', ours.leaked, '', 'lower'),
    figure('lost_frames', ours.lost, '', 'lower'),
    figure('logins', ours.logins, '', 'lower'),
    figure('wall_ms', ours.wallMs, 'ms', 'lower'),
    figure('ngs_port_s', kept.portMs / 1000, 's', 'lower'),
    figure('ngs_default_port_s', fresh.portMs / 1000, 's', 'lower'),
    figure('ngs_leaked_frames_per_port', kept.leaked, '', 'lower'),
    figure('ngs_default_leaked_frames_per_port', fresh.leaked, '', 'lower'),
    figure('ngs_lost_frames_per_port', kept.lost, '', 'lower'),
    figure('ngs_logins_per_port', fresh.logins, '', 'lower'),
  ]
}

/** Several times, each with a new engine that has to log in; leaks and losses of all of them, the middle one's time. */
async function byFerrule(rack: Rack, times: number): Promise<Heard & { wallMs: number; logins: number }> {
  say(`${PORTS} ports by Ferrule, ${times} times`)
  const walls: number[] = []
  const all: Heard = { leaked: 0, lost: 0 }
  for (let time = 0; time < times; time += 1) {
    await rack.reset()
    const heard = await rack.during(async () => {
      walls.push((await moveByFerrule(rack, rack.ovs.address)).wallMs)
    })
    all.leaked += heard.leaked
    all.lost += heard.lost / times
  }
  await rack.reset()
  const logins = await countLogins(rack.ovs.address, (address) => moveByFerrule(rack, address))
  return { ...all, wallMs: median(walls), logins }
}

async function byNgs(
  rack: Rack,
  ssh: SshSwitch,
  keep: boolean,
  count: number,
): Promise<Heard & { portMs: number; logins: number }> {
  say(`${count} ports by networking-generic-switch, ${keep ? 'its session kept' : 'as it comes'}`)
  await rack.reset()
  const before = ssh.logins()
  const ngs = await moveByNgs(rack, ssh.login, { keep, count })
  const { wallMs, heard } = await ngs.during(rack.during)
  const shown = await rack.ovs.vsctl('--bare', '--columns=name', 'find', 'port', 'tag=201')
  const moved = shown.split('\n').filter(Boolean).length
  if (moved !== count) throw new Error(`networking-generic-switch changed ${moved} of ${count} ports`)
  return {
    leaked: heard.leaked / count,
    lost: heard.lost / count,
    portMs: wallMs / count,
    logins: (ssh.logins() - before) / count,
  }
}

function figure(id: string, value: number, unit: string, better: Result['better']): Result {
  return { id, value, unit, better }
}

/** Standard output is for the figures alone. */
function say(text: string): void {
  process.stderr.write(`${text} …\n`)
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
