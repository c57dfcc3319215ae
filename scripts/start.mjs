/**
 * `npm start`: a lab and Ferrule on it, until Ctrl-C. `npm start -- --config ferrule.yaml`: Ferrule alone, as in
 * production.
 */
import { parseArgs } from 'node:util'
import { runLab } from './start/run-lab.mjs'
import { runProduction } from './start/run-production.mjs'

const usage = `Usage: npm start [-- OPTIONS]

Without --config: the lab, a data centre in software, and Ferrule on it. Their data is in .ferrule/ (or FERRULE_DATA_DIR)
and survives; remove the folder to begin anew.
  --time-scale N   the lab's time runs N times faster than the real one (default 120)
  --seed N         the lab's chances, when it is made (default 1)
  --site N         the lab's addresses, 127.N.0.0/16, when it is made (default: the first free one from 40 on)
  --lab-racks N    so many racks of eight machines, 1 to 14, when it is made (default 2)
  --lab-tors MAKES what the two switches of rack r2 are, when it is made: "eos,os10", or one for both (default force10;
                   there are force10, eos, sonic, os10, nxos, eos-cli, netconf, nxapi, nvue, gnmi)
  --port N         where Ferrule listens (default 8420, or the next free one)
With it: production, no lab.
  --config FILE    ferrule.yaml`

try {
  const options = readOptions()
  process.exitCode =
    options.config === undefined ? await runLab(options) : await runProduction(options.config)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      'time-scale': { type: 'string', default: '120' },
      seed: { type: 'string' },
      site: { type: 'string' },
      'lab-racks': { type: 'string' },
      'lab-tors': { type: 'string' },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  const number = (name, text, least, most) => {
    if (text === undefined) return undefined
    const value = Number(text)
    if (text !== '' && value >= least && value <= most && (name === 'time-scale' || Number.isInteger(value)))
      return value
    throw new Error(`--${name} ${text} is not a number from ${least} to ${most}`)
  }
  return {
    config: values.config,
    timeScale: number('time-scale', values['time-scale'], 1, 100_000),
    seed: number('seed', values.seed, 0, 2 ** 32 - 1),
    site: number('site', values.site, 1, 250),
    racks: number('lab-racks', values['lab-racks'], 1, 14),
    tors: values['lab-tors'],
    port: number('port', values.port, 1, 65_535),
  }
}
