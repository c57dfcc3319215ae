import { useMemo, useSyncExternalStore } from 'react'

/** Whether the window is at least so many CSS pixels wide, now and when it changes. */
export function useWide(px: number): boolean {
  const media = useMemo(() => matchMedia(`(min-width: ${px}px)`), [px])
  return useSyncExternalStore(
    (listener) => {
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    () => media.matches,
  )
}
