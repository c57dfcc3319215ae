import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { loadConfig } from '../../src/config/load.ts'
import { startCore } from '../../src/core.ts'
import type { Interference } from '../../src/saga/types.ts'
import { deployInstance } from '../../src/services/deploy.ts'
import { destroyInstance, rebootInstance } from '../../src/services/instances.ts'
import { reinstallInstance } from '../../src/services/reinstall.ts'
import type { Operation } from '../../src/store/operations.ts'
import { admin } from './admin.ts'

/**
 * One replica as a process of its own, for tests that kill it: `node replica-process.js CONFIG ORDERS`. It takes calls
 * over the channel to its parent. The folder ORDERS holds one file per operation: `SIGKILL do ports before` means that
 * whichever replica comes to that point first does that to itself, once.
 */
export interface Call {
  id: number
  call: 'deploy' | 'destroy' | 'reboot' | 'reinstall'
  name: string
  offering: string
  networks: string[]
}

export type Reply = { ready: true } | { id: number; operation: Operation | null; error?: string }

const [configFile = '', orders = ''] = process.argv.slice(2)
/** An operation that the test did not announce, such as the destroy that a deploy's undo begins, has no order. */
const ORDER_WITHIN_MS = 2000

const seen = new Set<string>()

async function orderOf(operationId: string): Promise<string> {
  const until = Date.now() + (seen.has(operationId) ? 0 : ORDER_WITHIN_MS)
  seen.add(operationId)
  for (;;) {
    const order = read(join(orders, operationId)) ?? read(join(orders, `${operationId}.done`))
    if (order !== null) return order
    if (Date.now() > until) return ''
    await pause(10)
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** True for exactly one replica. */
function claim(operationId: string): boolean {
  try {
    renameSync(join(orders, operationId), join(orders, `${operationId}.done`))
    return true
  } catch {
    return false
  }
}

const interference: Interference = {
  async around(point, body) {
    const [signal = '', ...at] = (await orderOf(point.operationId)).split(' ')
    const here = (when: string) => at.join(' ') === `${point.direction} ${point.name} ${when}`
    const obey = () => {
      if (claim(point.operationId)) process.kill(process.pid, signal)
    }
    if (here('before')) obey()
    const output = await body()
    if (here('after')) obey()
    return output
  },
}

const core = await startCore(loadConfig({ file: configFile, env: {} }), {
  log: (level, message, data) => {
    if (process.env.FERRULE_TEST_LOG)
      process.stderr.write(`${level} ${message} ${JSON.stringify(data ?? {})}\n`)
  },
  env: {},
  // as the daemon does
  onLeaseLost: () => process.exit(3),
  interference,
})

async function obeyCall({ call, name, offering, networks }: Call): Promise<Operation | null> {
  const { services } = core
  if (call === 'reboot') return rebootInstance(services, admin, name)
  if (call === 'reinstall') return reinstallInstance(services, admin, name)
  if (call === 'destroy') return (await destroyInstance(services, admin, name)).operation
  const nics = networks.map((network) => ({ network }))
  const { operation } = await deployInstance(services, admin, {
    name,
    template: 'jammy',
    offering,
    erase: 'quick',
    nics,
  })
  return operation
}

function reply(message: Reply): void {
  process.send?.(message)
}

process.on('message', (message: Call) => {
  obeyCall(message).then(
    (operation) => reply({ id: message.id, operation }),
    (error: unknown) => reply({ id: message.id, operation: null, error: String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
reply({ ready: true })
