import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './places.mjs'

/** Runs ferruled on this configuration in the foreground; its exit code is ours. @param {string} config */
export async function runProduction(config) {
  const { checkConfig } = await import('../../dist/src/config/load.js')
  // a faulty configuration is told by the daemon itself, in its own words
  const dataDir = checkConfig({ file: config }).config?.dataDir
  if (dataDir) process.stderr.write(`Ferrule runs with ${config}; its data is in ${dataDir}\n`)
  const child = spawn(process.execPath, [join(root, 'bin', 'ferruled'), '--config', config], {
    // with the channel it also ends when we die without a word
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  child.on('message', ({ url, socket, tokenFile }) =>
    process.stderr.write(`Ready: ${url}, socket ${socket}, first token in ${tokenFile}\n`),
  )
  // Ctrl-C reaches the daemon by itself; it hears the first signal only
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
