import { useQuery } from '@tanstack/react-query'
import { whyQuery } from '../api/queries.ts'
import { words } from '../words.ts'
import { Facts } from './facts.tsx'
import { Loaded } from './problem.tsx'
import { Ago, Time } from './time.tsx'

/** Why something is not where it should be: the same words as in the API, the command line and CloudStack. */
export function Why({ kind, name }: { kind: 'host' | 'instance' | 'operation'; name: string }) {
  const query = useQuery(whyQuery(kind, name))
  return (
    <section className="card" aria-label={words.why.title}>
      <h2>{words.why.title}</h2>
      <Loaded query={query} what={words.why.title}>
        {(why) => (
          <div className={why.well ? 'why well' : 'why'}>
            <p className="summary">{why.summary}</p>
            <Facts
              of={[
                [words.why.blocks, why.blocks],
                [
                  words.why.since,
                  why.since && (
                    <>
                      <Time at={why.since} /> (<Ago at={why.since} />)
                    </>
                  ),
                ],
                [words.why.nextRetry, why.nextRetry && <Time at={why.nextRetry} />],
                [words.why.action, why.action],
              ]}
            />
            {why.evidence.length > 0 && (
              <details>
                <summary>{words.why.evidence(why.evidence.length)}</summary>
                <ul>
                  {why.evidence.map((one) => (
                    <li key={one}>{one}</li>
                  ))}
                </ul>
              </details>
            )}
          </div>
        )}
      </Loaded>
    </section>
  )
}
