import type { Schemas } from './client.ts'
import { orDash, table, when } from './output.ts'
import type { Session } from './session.ts'

/** A row for each thing, a column for each of the three; what differs is marked. */
export function printSides(session: Session, sides: Schemas['ThreeSides']): void {
  if (session.json) return
  const shown = sides.isOfCloudstack
    ? ['', 'CLOUDSTACK', 'FERRULE', 'SWITCH', 'SEEN ON THE SWITCH', '']
    : ['', 'FERRULE', 'SWITCH', 'SEEN ON THE SWITCH', '']
  const rows = sides.rows.map((row) => [
    row.thing,
    ...(sides.isOfCloudstack ? [orDash(row.cloudstack)] : []),
    ...[orDash(row.ferrule), orDash(row.switch), when(row.switchSeenAt), row.differs ? 'differs' : ''],
  ])
  session.out(`\n${table(shown, rows)}`)
  if (sides.isOfCloudstack && sides.cloudstackSeenAt !== null)
    session.out(`seen in CloudStack: ${when(sides.cloudstackSeenAt)}\n`)
  session.out(`${verdict(sides)}\n`)
}

function verdict({ agree, unsure, isOfCloudstack }: Schemas['ThreeSides']): string {
  const all = isOfCloudstack ? 'CloudStack, Ferrule and the switches' : 'Ferrule and the switches'
  if (agree === null) return `whether ${all} agree is not known: ${unsure ?? ''}`
  return agree ? `${all} agree` : `${all} do not agree`
}
