import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** OpenIPMI's simulator: one process is one BMC, and a shell script is its machine. */
export interface IpmiSim {
  /** address:port. Users: "admin"/"secret" (administrator), "oper"/"secret" (operator). */
  address: string
  /** The machine's true state, from the script's own file. */
  power(): 'on' | 'off'
  boot(): string
  /** Every change that the script was asked for, in order: "power 1", "reset 1", "boot pxe", "shutdown 1". */
  changes(): string[]
  stop(): Promise<void>
}

/** Reads "get WHAT …" and "set WHAT VALUE …" as ipmi_sim's chassis_control wants (ipmi_lan(5)). */
const chassisScript = `#!/bin/sh
folder=$1; shift
action=$1; shift
while [ $# -gt 0 ]; do
  what=$1; shift
  if [ "$action" = get ]; then
    echo "$what:$(cat "$folder/$what" 2>/dev/null || echo 0)"
  else
    echo "$what $1" >> "$folder/changes"
    echo "$1" > "$folder/$what"
    [ "$what" = shutdown ] && echo 0 > "$folder/power"
    shift
  fi
done
`

const bareEmulator = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
sel_enable 0x20 1000 0x0a
`

function lanConfiguration(host: string, port: number, folder: string, sol: string | undefined): string {
  const methods = 'none md2 md5 straight'
  const console = sol === undefined ? '' : `sol "${sol}" 115200`
  return `name "bmc1"
set_working_mc 0x20
  startlan 1
    addr ${host} ${port}
    priv_limit admin
    allowed_auths_callback ${methods}
    allowed_auths_user ${methods}
    allowed_auths_operator ${methods}
    allowed_auths_admin ${methods}
    guid a123456789abcdefa123456789000001
  endlan
  chassis_control "${folder}/chassis.sh ${folder}"
  ${console}
  user 2 true "admin" "secret" admin 10 ${methods}
  user 3 true "oper" "secret" operator 10 ${methods}
`
}

export interface IpmiSimOptions {
  /** Commands of ipmi_sim (ipmi_sim_cmd(5)) that give the BMC sensors, records, FRU data and log entries. */
  emulator?: readonly string[]
  /** The serial port of the machine: "tcp:ADDRESS:PORT". */
  sol?: string
}

/** Throws what to install if ipmi_sim is missing. */
export async function startIpmiSim(options: IpmiSimOptions = {}): Promise<IpmiSim> {
  if (spawnSync('ipmi_sim', ['-h']).error !== undefined) {
    throw new Error('ipmi_sim is not installed: run `apt-get install -y openipmi`')
  }
  const folder = mkdtempSync(join(tmpdir(), 'ferrule-ipmi-sim-'))
  mkdirSync(join(folder, 'state'))
  writeFileSync(join(folder, 'chassis.sh'), chassisScript)
  chmodSync(join(folder, 'chassis.sh'), 0o755)
  writeFileSync(join(folder, 'power'), '0\n')
  writeFileSync(join(folder, 'boot'), 'none\n')
  writeFileSync(join(folder, 'changes'), '')
  const emulator = [...(options.emulator ?? []), 'mc_enable 0x20', '']
  writeFileSync(join(folder, 'bmc.emu'), bareEmulator + emulator.join('\n'))
  const host = '127.0.0.1'
  const port = await freePort(host)
  writeFileSync(join(folder, 'lan.conf'), lanConfiguration(host, port, folder, options.sol))

  const child = spawn(
    'ipmi_sim',
    ['-n', '-c', `${folder}/lan.conf`, '-f', `${folder}/bmc.emu`, '-s', `${folder}/state`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  await answersPing(host, port).catch(() => {
    child.kill('SIGKILL')
    throw new Error(`ipmi_sim does not answer: ${output}`)
  })

  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim() : ''
  return {
    address: `${host}:${port}`,
    power: () => (read('power') === '1' ? 'on' : 'off'),
    boot: () => read('boot'),
    changes: () =>
      read('changes')
        .split('\n')
        .filter((line) => line !== ''),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGKILL')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.bind(0, host, () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}

/** RMCP presence ping (ASF 2.0 §3.2.4.2), until the pong. */
async function answersPing(host: string, port: number): Promise<void> {
  const ping = Buffer.from('0600ff06000011be80010000', 'hex')
  const socket = createSocket('udp4')
  socket.on('error', () => undefined)
  try {
    let answered = false
    socket.on('message', () => {
      answered = true
    })
    for (let attempt = 0; attempt < 100 && !answered; attempt += 1) {
      socket.send(ping, port, host)
      await sleep(50)
    }
    if (!answered) throw new Error('no pong')
  } finally {
    socket.close()
  }
}
