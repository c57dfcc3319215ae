import type { PowerReading } from './host.ts'

/** What the BMC has said, how old that is, and why there is nothing newer. */
export function powerEvidence(power: PowerReading): string[] {
  const { state, at, since, lastKnown, failure } = power
  if (at === null && failure === null) return ['BMC: power never read']
  const age = at === null ? '' : ` at ${at}`
  const last = state === 'unknown' && lastKnown ? `, last seen ${lastKnown.state} at ${lastKnown.at}` : ''
  const long = since !== null && since !== at ? `, ${state} since ${since}` : ''
  const reading = `BMC: power ${state}${age}${long}${last}`
  if (failure === null) return [reading]
  const looks = failure.looks === 1 ? 'the newest look failed' : `${failure.looks} looks in a row failed`
  return [reading, `BMC: ${looks}: ${failure.message}`]
}
