import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { startLab } from './lab.ts'
import { readDataPlanes } from './tor/read-data-planes.ts'
import { readMakes } from './tor/read-makes.ts'
import type { LabOptions } from './types.ts'
import { MOST_RACKS } from './world/layout.ts'

/** A deploy of ten minutes takes five seconds. */
const DEFAULT_SCALE = 120

const USAGE = `Usage: ferrule-lab [options]
  --site N          own 127.N.0.0/16 (default: the first free one from 40 on)
  --seed N          choose the lab's chances (default: 1)
  --time-scale X    virtual seconds per real one, or "infinity" (default: ${DEFAULT_SCALE})
  --racks N         so many racks of two switches and eight machines, 1-${MOST_RACKS} (default: 2)
  --data-dir PATH   keep the lab's state there (default: forget it)
  --bmc-port N      UDP port of the BMCs (default: 623, or 6623 without the privilege)
  --https-port N    TCP port of their Redfish (default: 443, or 8443 without the privilege)
  --ssh-port N      TCP port of the SSH of those without IPMI (default: 22, or 2222 without the privilege)
  --redfish NAMES   these machines' BMCs speak Redfish alone: r1-h1,r1-h2
  --both NAMES      these speak IPMI and Redfish
  --tors MAKES      of the two switches of rack r2, as "eos,os10": force10, eos, sonic, os10, nxos, eos-cli, netconf, nxapi, nvue, gnmi (default: force10)
  --data-planes FILE
                    switches mirrored to a running Open vSwitch, as JSON: {"r1-tor1": {"runFolder":
                    "/run/openvswitch", "bridge": "br0", "ports": {"1/1": "swp1"}}}
  --extension PATH  the program in CloudStack's folder of extensions; it gets the environment of the lab
  --ready-file PATH write the facts of the lab there, as JSON, once it is up`

interface Arguments extends LabOptions {
  readyFile: string | undefined
}

async function main(): Promise<void> {
  const { readyFile, ...options } = readArguments(process.argv.slice(2))
  const lab = await startLab(options)
  const facts = lab.facts()
  if (readyFile !== undefined) await writeWhole(readyFile, JSON.stringify(facts, null, 2))
  process.stdout.write(
    `Lab of ${facts.machines.length} machines is up: MAAS ${facts.maas.url}, CloudStack ${facts.cloudstack.url}, control ${facts.control} (seed ${facts.seed}, time ×${facts.timeScale})\n`,
  )

  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    lab.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

function readArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      site: { type: 'string' },
      seed: { type: 'string', default: '1' },
      'time-scale': { type: 'string', default: String(DEFAULT_SCALE) },
      racks: { type: 'string' },
      'data-dir': { type: 'string' },
      'bmc-port': { type: 'string' },
      'https-port': { type: 'string' },
      'ssh-port': { type: 'string' },
      redfish: { type: 'string' },
      both: { type: 'string' },
      tors: { type: 'string' },
      'data-planes': { type: 'string' },
      extension: { type: 'string' },
      'ready-file': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${USAGE}\n`)
    process.exit(0)
  }
  const scale =
    values['time-scale'].toLowerCase() === 'infinity'
      ? Number.POSITIVE_INFINITY
      : Number(values['time-scale'])
  if (!(scale > 0)) throw new Error(`--time-scale ${values['time-scale']} is not a number above 0`)
  return {
    site: whole('--site', values.site, 1, 250),
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1) ?? 1,
    timeScale: scale,
    racks: racks(whole('--racks', values.racks, 1, MOST_RACKS)),
    dataDir: values['data-dir'],
    bmcPort: whole('--bmc-port', values['bmc-port'], 1, 65_535),
    httpsPort: whole('--https-port', values['https-port'], 1, 65_535),
    sshPort: whole('--ssh-port', values['ssh-port'], 1, 65_535),
    protocols: Object.fromEntries([
      ...names(values.redfish).map((name) => [name, ['redfish'] as const]),
      ...names(values.both).map((name) => [name, ['ipmi', 'redfish'] as const]),
    ]),
    tors: values.tors === undefined ? undefined : readMakes(values.tors),
    dataPlanes: values['data-planes'] === undefined ? undefined : readDataPlanes(values['data-planes']),
    cloudstack: values.extension === undefined ? {} : { extension: { path: values.extension } },
    readyFile: values['ready-file'],
  }
}

function racks(count: number | undefined): string[] | undefined {
  return count === undefined ? undefined : Array.from({ length: count }, (_, index) => `r${index + 1}`)
}

function names(list: string | undefined): string[] {
  return (list ?? '').split(',').filter((name) => name !== '')
}

function whole(flag: string, text: string | undefined, from: number, to: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < from || value > to)
    throw new Error(`${flag} ${text} is not a whole number of ${from}-${to}`)
  return value
}

/** Whoever waits for the file must not read half of it. It holds the lab's passwords. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

function fail(error: unknown): never {
  process.stderr.write(`The lab cannot run: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

main().catch(fail)
