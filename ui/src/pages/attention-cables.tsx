import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { cablesQuery, racksQuery } from '../api/queries.ts'
import { isLie } from '../parts/cable-verdict.ts'
import { Loaded, Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'

const text = words.attention

/** Cables that are not where the rack files say: read from MAAS, so asked for beside the rest. */
export function Cables() {
  const racks = useQuery(racksQuery)
  const cables = useQueries({ queries: (racks.data ?? []).map(({ name }) => cablesQuery(name)) })
  const failed = cables.find(({ error }) => error)?.error
  const lies = cables.flatMap(({ data }) => (data?.cables ?? []).filter(isLie))
  const asked = cables.every(({ data }) => data !== undefined)
  return (
    <section className="card" aria-label={text.cables}>
      <h2>{text.cables}</h2>
      <Loaded query={racks} what={text.cables}>
        {(found) => {
          if (found.length === 0) return <p>{text.noRacks}</p>
          if (failed) return <Problem error={failed} />
          if (!asked) return <p role="status">{words.loading(text.cables)}</p>
          if (lies.length === 0) return <p>{text.cablesWell}</p>
          return (
            <p className="lie">
              <Link to="/racks">{text.cablesLie(lies.length)}</Link>
            </p>
          )
        }}
      </Loaded>
    </section>
  )
}
