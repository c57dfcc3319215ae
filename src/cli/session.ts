import type { Command } from 'commander'
import { createFerruleClient, type FerruleClient } from './client.ts'
import { parseDuration } from './duration.ts'
import { usage } from './failure.ts'
import { findToken } from './token.ts'

/** What every command works with. */
export interface Session {
  client: FerruleClient
  url: string
  token: string | null
  json: boolean
  wait: boolean
  /** Milliseconds; null: as long as it takes. */
  timeout: number | null
  out(text: string): void
  /** Progress and words for people: never mixed with the answer. */
  err(text: string): void
  /** Is stderr a terminal? Without one there are no escape sequences. */
  terminal: boolean
}

interface GlobalOptions {
  url?: string
  tokenFile?: string
  output?: string
  wait?: boolean
  timeout?: string
}

export function openSession(command: Command): Session {
  // of the program itself: a command may have an option of the same name (a template's --url)
  const options = programOf(command).opts<GlobalOptions>()
  const url = options.url ?? process.env.FERRULE_URL ?? 'http://127.0.0.1:8420'
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw usage(`"${url}" is not a URL`, 'Write it like http://127.0.0.1:8420.')
  const token = findToken(options.tokenFile, process.env)
  const base = url.replace(/\/+$/, '')
  return {
    client: createFerruleClient(base, token),
    url: base,
    token,
    json: options.output === 'json',
    wait: options.wait ?? true,
    timeout: options.timeout === undefined ? null : parseDuration(options.timeout),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    terminal: process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !process.env.NO_COLOR,
  }
}

function programOf(command: Command): Command {
  return command.parent ? programOf(command.parent) : command
}
