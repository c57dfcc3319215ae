import { savedStates, sections } from '../switchport/config-text.ts'
import type { PortState } from '../types.ts'

export const channelName = (lag: number): string => `Port-Channel${lag}`

/** The LACP group that each port is a member of, in a configuration; those of static groups are not among them. */
export function lacpGroups(text: string): Map<string, number> {
  return groupsIn(text, /^channel-group (\d+) mode (?:active|passive)$/)
}

/** Every port-channel with its members, by LACP or static; those without members too. */
export function channelMembers(text: string): Map<number, string[]> {
  const found = new Map<number, string[]>()
  for (const name of sections(text).keys()) {
    const lag = /^Port-Channel(\d+)$/.exec(name)?.[1]
    if (lag !== undefined) found.set(Number(lag), [])
  }
  for (const [port, lag] of groupsIn(text, /^channel-group (\d+) mode \w+$/))
    found.set(lag, [...(found.get(lag) ?? []), port])
  return found
}

/** Of the start-up configuration: a member's VLANs are its port-channel's. @throws switch-refused */
export function savedMembers(
  address: string,
  text: string,
  ports: readonly string[],
): Map<string, PortState> {
  const groups = lacpGroups(text)
  const own = savedStates(address, text, ports)
  for (const [port, state] of own) {
    const lag = groups.get(port)
    if (lag === undefined) continue
    const channel = savedStates(address, text, [channelName(lag)]).get(channelName(lag))
    own.set(port, memberState(lag, channel, state.enabled))
  }
  return own
}

/** @param channel undefined: there is no such interface, and nothing passes */
export function memberState(lag: number, channel: PortState | undefined, enabled: boolean): PortState {
  if (!channel) return { mode: 'access', untagged: null, tagged: [], enabled: false, lag }
  return { ...channel, enabled: channel.enabled && enabled, lag }
}

function groupsIn(text: string, line: RegExp): Map<string, number> {
  return new Map(
    [...sections(text)].flatMap(([port, lines]) => {
      const lag = lines.map((one) => line.exec(one)?.[1]).find((one) => one !== undefined)
      return lag === undefined ? [] : [[port, Number(lag)] as const]
    }),
  )
}
