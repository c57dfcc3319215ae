import type { WantedOverride } from './boot-override.ts'
import type { VendorTraits } from './vendors.ts'
import type { WireBoot } from './wire.ts'

type BootFields = Record<string, string | null>

/**
 * The Boot object of a PATCH, as this vendor takes it; null: all is so already. The target is in each of them, because
 * some BMCs refuse a Boot without.
 */
export function bootPatch(boot: WireBoot, wanted: WantedOverride, traits: VendorTraits): BootFields | null {
  const everything = traits.bootSends === 'all'
  const fields: BootFields = {}
  if (
    everything ||
    traits.bootSends === 'target-and-enabled' ||
    boot.BootSourceOverrideEnabled !== wanted.enabled
  )
    fields.BootSourceOverrideEnabled = wanted.enabled
  if (sendsMode(boot, wanted, traits)) fields.BootSourceOverrideMode = wanted.mode
  // Else a BMC that has been told a place to boot from over HTTP goes there again some day.
  if (boot.HttpBootUri !== null) fields.HttpBootUri = null
  const same = boot.BootSourceOverrideTarget === wanted.target
  if (same && Object.keys(fields).length === 0) return null
  return { BootSourceOverrideTarget: wanted.target, ...fields }
}

/** A BMC that does not tell a mode has none. */
function sendsMode(boot: WireBoot, wanted: WantedOverride, traits: VendorTraits): boolean {
  const now = boot.BootSourceOverrideMode
  if (traits.bootMode === 'never' || now === null) return false
  return traits.bootSends === 'all' || now !== wanted.mode
}

/** For a vendor whose mode falls back: what to write once more; null: it is right. */
export function modeAgain(boot: WireBoot, wanted: WantedOverride, traits: VendorTraits): BootFields | null {
  const now = boot.BootSourceOverrideMode
  if (traits.bootMode !== 'again' || now === null || now === wanted.mode) return null
  return {
    BootSourceOverrideTarget: wanted.target,
    BootSourceOverrideEnabled: wanted.enabled,
    BootSourceOverrideMode: wanted.mode,
  }
}
