import type { Schemas } from '../api/client.ts'
import { Time } from '../parts/time.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'

type Sides = Schemas['ThreeSides']
const text = words.instance.sides

/** What CloudStack, our records and its switches have of an instance, a row for each thing. */
export function InstanceSides({ sides }: { sides: Sides }) {
  const columns = sides.isOfCloudstack
    ? [text.thing, text.cloudstack, text.ferrule, text.switch, text.seen]
    : [text.thing, text.ferrule, text.switch, text.seen]
  return (
    <section className="card" aria-label={text.title}>
      <h2>{text.title}</h2>
      <p>{verdictOf(sides)}</p>
      <Wide label={text.title}>
        <table className="beside">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sides.rows.map((row) => (
              <tr key={row.thing} className={row.differs ? 'differs' : undefined}>
                <td>{row.thing}</td>
                {sides.isOfCloudstack && <Said side={row.cloudstack} />}
                <Said side={row.ferrule} />
                <Said side={row.switch} />
                <td>{row.switchSeenAt !== null && <Time at={row.switchSeenAt} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {sides.isOfCloudstack && sides.cloudstackSeenAt !== null && (
        <p className="quiet">
          {text.cloudstackSeen} <Time at={sides.cloudstackSeenAt} />
        </p>
      )}
    </section>
  )
}

function Said({ side }: { side: string | null }) {
  return <td>{side ?? <span className="quiet">–</span>}</td>
}

function verdictOf({ agree, unsure, isOfCloudstack }: Sides): string {
  if (agree === null) return text.unknown(unsure ?? '')
  if (isOfCloudstack) return agree ? text.allAgree : text.allDiffer
  return agree ? text.bothAgree : text.bothDiffer
}
