import { useLive } from '../api/live.tsx'
import { useNow } from '../parts/now.ts'
import { clockText, durationText } from '../parts/time.tsx'
import { words } from '../words.ts'

export function LiveMark() {
  const live = useLive()
  const text = { live: words.shell.live, connecting: words.shell.connecting, lost: words.shell.lost }[
    live.state
  ]
  return (
    <span className={`live live-${live.state}`} role="status">
      {text}
    </span>
  )
}

/** What is on the screen is old: said where nobody can miss it. */
export function Stale() {
  const live = useLive()
  const now = useNow()
  if (live.state !== 'lost') return null
  return (
    <p className="stale" role="alert">
      {words.shell.stale(clockText(live.since.toISOString()), durationText(now - live.since.getTime()))}
    </p>
  )
}
