import { useQuery } from '@tanstack/react-query'
import type { Schemas } from '../api/client.ts'
import { networksQuery, settingsQuery } from '../api/queries.ts'
import { settingOf } from '../parts/setting-of.ts'
import { words } from '../words.ts'

const text = words.racks

/** Says what a port carries in a whole sentence, for hover. */
export type Carried = (port: Schemas['SwitchPorts']['ports'][number]['running']) => string

/** Each VLAN with whose it is, where its number alone tells nobody. */
export function useCarried(): Carried {
  const { data: networks } = useQuery(networksQuery)
  const { data: settings } = useQuery(settingsQuery)
  const called = (vlan: number) => {
    const network = networks?.find((one) => one.vlan === vlan)?.name
    const own =
      settings === undefined ? undefined : ownVlans.find(([path]) => settingOf(settings, path) === vlan)
    return text.vlan(vlan, network ?? own?.[1] ?? null)
  }
  return (port) => {
    if (port === null) return words.unknown
    return text.carries(port.untagged === null ? null : called(port.untagged), port.tagged.map(called))
  }
}

const ownVlans = [
  ['network.pxeVlan', text.pxeVlan],
  ['network.quarantineVlan', text.quarantineVlan],
] as const
