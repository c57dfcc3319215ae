import type { SwitchTimeouts } from '../types.ts'
import { DATABASE } from './client.ts'
import { OvsdbConnection } from './connection.ts'
import type { OvsdbTarget } from './endpoint.ts'
import { refused } from './errors.ts'
import { vlanColumns } from './port-row.ts'

/** A switch that has lost its power says no word of it; who asks now and then finds out. */
const ECHO_MS = 10_000

/** Of RFC 7047 §4.1.5: the columns that a snapshot is made of. What is there already is read by whoever looks. */
const monitored = {
  Bridge: select('ports'),
  Port: select('name', 'interfaces', ...vlanColumns),
  Interface: select('name', 'admin_state', 'error'),
}

function select(...columns: string[]) {
  return { columns, select: { initial: false } }
}

/**
 * Calls `changed` when the database has taken the subscription, and after each transaction that touches a port. It has a
 * connection of its own, because the one for transactions comes and goes.
 * @throws switch-unreachable, switch-auth, switch-refused, unless `signal` ended it
 */
export async function watchPorts(
  target: OvsdbTarget,
  { connectMs, requestMs }: SwitchTimeouts,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  let beat: NodeJS.Timeout | undefined
  try {
    const connection = await OvsdbConnection.open(target, connectMs, signal)
    connection.onNotice = (method) => {
      if (method === 'update') changed()
      // of ovsdb-server: the database was converted or is gone, and with it the subscription
      else if (method === 'monitor_canceled') connection.close()
    }
    try {
      const { error } = await connection.call('monitor', [DATABASE, 'ports', monitored], requestMs)
      if (error !== null && error !== undefined)
        throw refused(target.address, 'monitor', JSON.stringify(error))
      changed()
      // an echo that is not answered ends the connection
      const echo = () => void connection.call('echo', [], requestMs).catch(() => undefined)
      beat = setInterval(echo, ECHO_MS)
      beat.unref()
      throw await connection.end
    } finally {
      connection.close()
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearInterval(beat)
  }
}
