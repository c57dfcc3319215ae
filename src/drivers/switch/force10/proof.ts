import { SEPARATOR } from './batch.ts'
import type { Os9Config } from './parse.ts'
import { channelNumber } from './ports.ts'

/** The lines of these calls, each with its context, whose effect the running configuration does not show. */
export function unproven(calls: readonly string[], config: Os9Config): string[] {
  const missing: string[] = []
  // Of several lines about one thing (`no switchport`, `switchport`) the last one is what must show.
  const last = new Map<string, { line: string; shown: boolean }>()
  for (const call of calls) {
    let context = ''
    for (const line of call.split(SEPARATOR)) {
      if (!line.startsWith(' ')) {
        context = line
        const gone = /^no interface (.+)$/.exec(line)?.[1]
        const channel = gone === undefined ? null : channelNumber(gone)
        if (channel !== null) last.set(`interface ${gone}`, { line, shown: !config.channels.has(channel) })
        else last.delete(line)
        continue
      }
      const text = line.trim()
      const about = `${context} / ${text.replace(/^no /, '')}`
      last.set(about, { line: `${context} / ${text}`, shown: shows(config, context, text) })
    }
  }
  for (const { line, shown } of last.values()) if (!shown) missing.push(line)
  return missing
}

function shows(config: Os9Config, context: string, text: string): boolean {
  const on = !text.startsWith('no ')
  const vlan = /^interface vlan (\d+)$/.exec(context)?.[1]
  const member = /^(?:no )?(untagged|tagged) (.+)$/.exec(text)
  if (vlan !== undefined && member?.[2] !== undefined) {
    const members = config.vlans.get(Number(vlan))?.[member[1] === 'tagged' ? 'tagged' : 'untagged']
    return (members?.has(member[2]) ?? false) === on
  }
  const name = context.replace(/^interface /, '')
  const channel = channelNumber(name)
  const port = channel === null ? config.ports.get(name) : config.channels.get(channel)
  const joined = /^port-channel (\d+) mode active$/.exec(text)?.[1]
  if (joined !== undefined) return port?.channel === Number(joined)
  if (text.endsWith('port-channel-protocol lacp')) return on || port?.channel === null
  if (text.endsWith('shutdown')) return port?.enabled === !on
  if (text.endsWith('switchport')) return port?.switchport === on
  if (text.endsWith('portmode hybrid')) return port?.hybrid === on
  // A description is for people.
  return true
}
