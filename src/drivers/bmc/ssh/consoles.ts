import ssh2, { type Client } from 'ssh2'
import type { SerialConsole } from '../types.ts'
import type { SshConsole } from './console.ts'
import { enter } from './enter.ts'
import { busy, shuttingDown } from './errors.ts'
import { logIn } from './login.ts'
import { type SshConsoleOptions, withDefaults } from './options.ts'
import type { SshTarget } from './target.ts'

export interface SshConsoles {
  /**
   * A connection of its own for each.
   *
   * @throws bmc-untrusted, bmc-auth, bmc-unreachable, bmc-refused, console-busy; bmc-unsupported if another session has
   * it and `takeOver` is asked for
   */
  open(target: SshTarget, options: { takeOver: boolean }): Promise<SerialConsole>
  /** Ends every one and refuses new ones: for the end of the process. */
  close(): Promise<void>
}

/** Serial consoles behind SSH, of all BMCs. */
export function createSshConsoles(options: SshConsoleOptions = {}): SshConsoles {
  const settings = withDefaults(options)
  /** Clients that are still on their way. */
  const opening = new Map<string, Client>()
  const open = new Map<string, SshConsole>()
  let closed = false

  async function begin(target: SshTarget, place: string, takeOver: boolean): Promise<SshConsole> {
    const client = new ssh2.Client()
    opening.set(place, client)
    try {
      await logIn(client, target, settings)
      return await enter(client, target, settings, takeOver)
    } catch (error) {
      client.destroy()
      throw closed ? shuttingDown(target.key) : error
    } finally {
      opening.delete(place)
    }
  }

  return {
    async open(target, { takeOver }) {
      if (closed) throw shuttingDown(target.key)
      const place = JSON.stringify([target.key, target.entryCommand])
      const former = open.get(place)
      if (opening.has(place) || (former && !takeOver))
        throw busy(target.key, 'it is open here already', false)
      // The BMC must not find it taken by ourselves.
      await former?.giveUp()
      const console = await begin(target, place, takeOver)
      open.set(place, console)
      void console.ended.then(() => {
        if (open.get(place) === console) open.delete(place)
      })
      return console
    },
    async close() {
      closed = true
      for (const client of opening.values()) client.destroy()
      await Promise.all([...open.values()].map((console) => console.close()))
    },
  }
}
