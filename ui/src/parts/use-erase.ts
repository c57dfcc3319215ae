import { useQuery } from '@tanstack/react-query'
import { offeringsQuery, settingsQuery } from '../api/queries.ts'
import { words } from '../words.ts'
import { settingOf } from './setting-of.ts'

const text = words.instance

/**
 * How the disks of an instance are erased in the end if nobody says otherwise, and who says so.
 * @param offering its name; null: none is chosen yet
 */
export function useDefaultErase(offering: string | null): string {
  const { data: offerings } = useQuery(offeringsQuery)
  const { data: settings } = useQuery(settingsQuery)
  if (offering === null) return text.eraseDefault
  const own = offerings?.find(({ name }) => name === offering)?.erase
  if (own) return text.eraseOfOffering(own)
  const site = settingOf(settings, 'erase.policy')
  return typeof site === 'string' && offerings ? text.eraseOfSite(site) : text.eraseDefault
}
