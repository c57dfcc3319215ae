/**
 * `npm run fuzz:bmc -- --packets 1000000 --seed 7`: damaged packets for the IPMI client and for the lab's BMC. It prints what
 * became of them, and exits with another code than 0 if anything crashed, hung, leaked or ended in a wrong state.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { packets: { type: 'string', default: '100000' }, seed: { type: 'string' } },
})
for (const [name, value] of Object.entries(values)) {
  if (!/^[1-9]\d*$/.test(value)) {
    console.error(`fuzz:bmc: --${name} is not a number: ${value}`)
    process.exit(2)
  }
}
// Not through npx: that would put its own name in place of the npm script's, which the report is called by.
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const child = spawn(process.execPath, [vitest, 'run', '--project', 'fuzz', 'test/fuzz/bmc.test.ts'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    FERRULE_FUZZ_PACKETS: values.packets,
    // Another one each time; it is printed, so that a failure comes back.
    FERRULE_FUZZ_SEED: values.seed ?? String(1 + Math.floor(Math.random() * 2 ** 31)),
  },
})
child.on('exit', (code) => process.exit(code ?? 1))
