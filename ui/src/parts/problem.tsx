import { useLayoutEffect, useRef } from 'react'
import { ProblemError, UnreachableError } from '../api/problem.ts'
import { words } from '../words.ts'

export const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

/** An error in the API's own words, with what to do. */
export function Problem({ error }: { error: Error }) {
  const remedy = error instanceof ProblemError || error instanceof UnreachableError ? error.remedy : null
  const faults = error instanceof ProblemError ? error.faults : []
  return (
    <div className="problem" role="alert">
      {faults.length > 1 ? (
        <>
          <p>{words.problem.faults(faults.length)}</p>
          <ul>
            {faults.map(({ path, problem, line }) => (
              <li key={`${path} ${problem}`}>
                {line === undefined ? '' : `${words.problem.line} ${line}, `}
                <code>{path}</code>: {problem}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>{sentence(error.message.charAt(0).toUpperCase() + error.message.slice(1))}</p>
      )}
      {remedy && <p className="remedy">{sentence(remedy)}</p>}
    </div>
  )
}

/** What a form was refused for, brought into view: Enter sends a long form from a field far from its foot. */
export function Refusal({ error }: { error: Error }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    void error
    place.current?.scrollIntoView({ block: 'nearest' })
  }, [error])
  return (
    <div ref={place} className="refusal">
      <Problem error={error} />
    </div>
  )
}

/** Loading, failed, or there: never a spinner without words. */
export function Loaded<Data>({
  query,
  what,
  children,
}: {
  query: { data: Data | undefined; error: Error | null }
  what: string
  children: (data: Data) => React.ReactNode
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <Problem error={query.error} />
  return (
    <p className="loading" role="status">
      {words.loading(what)}
    </p>
  )
}
