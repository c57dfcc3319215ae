import type { Client, ClientChannel } from 'ssh2'
import { SshConsole } from './console.ts'
import { busy, refused, unreachable } from './errors.ts'
import type { SshSettings } from './options.ts'
import { Said, saysBusy, spoken } from './said.ts'
import type { SshTarget } from './target.ts'

/** SSH_OPEN_RESOURCE_SHORTAGE (RFC 4254 §5.1). */
const resourceShortage = 4

/** As firmware takes a serial terminal to be; what shows it here is of the xterm family. */
const terminal = { term: 'xterm', cols: 80, rows: 25 }

/**
 * From the login to the machine's serial port. SSH does not say whether a command line has become a serial port: who is
 * sent away is told so in words, or by the end, and soon.
 *
 * @throws console-busy (or bmc-unsupported with `takeOver`), bmc-refused with what was said, bmc-unreachable
 */
export async function enter(
  client: Client,
  target: SshTarget,
  settings: SshSettings,
  takeOver: boolean,
): Promise<SshConsole> {
  const { key, entryCommand } = target
  const channel = await shell(client, target, settings, takeOver)
  const console = new SshConsole(target, client, channel, settings)
  const said = new Said()
  const listen = (data: Buffer) => said.add(data)
  channel.on('data', listen)
  channel.stderr.on('data', listen)
  try {
    if (entryCommand !== null) {
      await quiet(channel, console, settings)
      if (!console.isOver && !saysBusy(said.text)) {
        // A greeting is the BMC's, not the machine's.
        console.forget()
        said.text = ''
        await console.write(Buffer.from(`${entryCommand}\r`))
      }
    }
    const end = await settled(channel, console, settings, () => saysBusy(said.text))
    if (saysBusy(said.text) && (end !== null || entryCommand !== null))
      throw busy(key, spoken(said.text), takeOver)
    if (end === null) return console
    throw said.text.trim() === ''
      ? unreachable(key, `it was ended at once (${end})`)
      : refused(key, spoken(said.text))
  } catch (error) {
    await console.close()
    throw error
  } finally {
    channel.off('data', listen)
    channel.stderr.off('data', listen)
  }
}

function shell(
  client: Client,
  { key }: SshTarget,
  settings: SshSettings,
  takeOver: boolean,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const cancel = settings.clock.after(settings.loginMs, () =>
      reject(unreachable(key, 'it gave no terminal in time')),
    )
    client.once('close', () => {
      cancel()
      reject(unreachable(key, 'the connection is gone'))
    })
    client.shell(terminal, (error, channel) => {
      cancel()
      if (!error) return resolve(channel)
      const said = spoken(error.message)
      // ssh2 puts the reason of a refused channel beside the message.
      const reason = 'reason' in error ? error.reason : undefined
      reject(reason === resourceShortage ? busy(key, said, takeOver) : refused(key, said))
    })
  })
}

/** Resolves when the command line has said its piece: many forget what was typed before. */
function quiet(channel: ClientChannel, console: SshConsole, settings: SshSettings): Promise<void> {
  const { clock, promptMs, quietMs } = settings
  return new Promise((resolve) => {
    const done = () => {
      cancelAll()
      cancelQuiet()
      channel.off('data', heard)
      resolve()
    }
    const heard = () => {
      cancelQuiet()
      cancelQuiet = clock.after(quietMs, done)
    }
    let cancelQuiet = () => {}
    const cancelAll = clock.after(promptMs, done)
    channel.on('data', heard)
    void console.ended.then(done)
  })
}

/** Why it has ended; null: it has not, within the time in which whoever is sent away is so. */
function settled(
  channel: ClientChannel,
  console: SshConsole,
  settings: SshSettings,
  enough: () => boolean,
): Promise<string | null> {
  return new Promise((resolve) => {
    const done = (end: string | null) => {
      cancel()
      channel.off('data', heard)
      resolve(end)
    }
    const heard = () => {
      // No need to wait for the rest of it: what else it says does not make it free.
      if (enough()) {
        cancel()
        cancel = settings.clock.after(settings.quietMs, () => done(null))
      }
    }
    let cancel = settings.clock.after(settings.settleMs, () => done(null))
    channel.on('data', heard)
    void console.ended.then(({ detail }) => done(detail))
  })
}
