import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { cableSummaryQuery } from '../api/queries.ts'
import { Loaded } from '../parts/problem.tsx'
import { Ago } from '../parts/time.tsx'
import { words } from '../words.ts'

const text = words.attention

/** Cables that are not where the rack files say: read from MAAS behind the page, so told beside the rest. */
export function Cables() {
  const query = useQuery(cableSummaryQuery)
  return (
    <section className="card" aria-label={text.cables}>
      <h2>{text.cables}</h2>
      <Loaded query={query} what={text.cables}>
        {({ at, fault, cables, heard, lieCount, lies }) => (
          <>
            {fault !== null && (
              <p className="lie">
                {fault.message}. {fault.remedy}
              </p>
            )}
            {at === null ? (
              fault === null && <p role="status">{text.cablesFirst}</p>
            ) : cables === 0 ? (
              <p>{text.noRacks}</p>
            ) : lieCount === 0 ? (
              <p>{heard === 0 ? text.cablesUnheard : text.cablesWell}</p>
            ) : (
              <>
                <p className="lie">
                  <Link to="/racks">{text.cablesLie(lieCount)}</Link>
                </p>
                <ul>
                  {lies.slice(0, 5).map(({ rack, mac, machine, nic, declared, seen }) => (
                    <li key={mac}>
                      <Link to="/racks" search={{ q: rack }}>
                        {machine ?? mac} {nic}
                      </Link>
                      : {text.cableLie(placeText(declared), placeText(seen))}
                    </li>
                  ))}
                </ul>
              </>
            )}
            {at !== null && cables > 0 && (
              <p className="quiet">
                {text.cablesHeard(heard, cables)} <Ago at={at} /> {text.ago} {text.cablesWitness}
              </p>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

function placeText(place: { switch: string; port: string } | null): string {
  return place === null ? words.none : `${place.switch} ${place.port}`
}
