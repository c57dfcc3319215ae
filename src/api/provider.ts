import type { z } from 'zod'
import type { providerChange, providerPlan, providerSettingsView } from './schemas/provider.ts'

export type ProviderView = z.infer<typeof providerSettingsView>
export type ProviderChange = z.infer<typeof providerChange>
export type ProviderPlan = z.infer<typeof providerPlan>

/** The provider's settings in the configuration file of this replica. */
export interface ProviderRoom {
  view(): Promise<ProviderView>
  /** What the file would become, checked as at a start, and what MAAS says to a new connection; nothing is changed. */
  plan(change: ProviderChange): Promise<ProviderPlan>
  /** Writes the file and starts this replica anew with it. @param by whose token asked */
  apply(change: ProviderChange, by: string): Promise<ProviderPlan>
}
