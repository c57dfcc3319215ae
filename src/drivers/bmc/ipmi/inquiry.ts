import type { Inquiry } from './client.ts'
import { completion } from './completion-codes.ts'
import { refused } from './errors.ts'
import type { Command } from './message.ts'

/** The data of the reply; a completion code other than success is thrown as bmc-refused. */
export async function ask(inquiry: Inquiry, command: Command): Promise<Buffer> {
  const { completionCode, data } = await inquiry.reply(command)
  if (completionCode === completion.ok) return data
  throw refused(inquiry.address, command.name, completionCode)
}

/** Undefined if the BMC does not have the command or the thing that it is about; other refusals are thrown. */
export async function askIfThere(inquiry: Inquiry, command: Command): Promise<Buffer | undefined> {
  const { completionCode, data } = await inquiry.reply(command)
  if (completionCode === completion.ok) return data
  if (absent.has(completionCode)) return undefined
  throw refused(inquiry.address, command.name, completionCode)
}

/** Codes that say "there is none": invalid command, not for this LUN, record not present, illegal for it, disabled. */
const absent: ReadonlySet<number> = new Set([0xc1, 0xc2, 0xcb, 0xcc, 0xcd, 0xd6])
