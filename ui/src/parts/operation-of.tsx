import { Link } from '@tanstack/react-router'
import type { Schemas } from '../api/client.ts'
import { words } from '../words.ts'

export type About = 'host' | 'instance'

/** What an operation is about, with a link; an instance by its id, because its name may be another's by now. */
export function OperationOf({
  operation,
  about,
}: {
  operation: Pick<Schemas['Operation'], 'host' | 'hostId' | 'instance' | 'instanceId'>
  about: About
}) {
  const id = operation[`${about}Id`]
  const name = operation[about]
  if (id === null) return <span className="quiet">{words.none}</span>
  if (name === null) return <span className="quiet">{words.operations.removed}</span>
  if (about === 'host')
    return (
      <Link to="/hosts/$name" params={{ name }}>
        {name}
      </Link>
    )
  return (
    <Link to="/instances/$name" params={{ name: id }}>
      {name}
    </Link>
  )
}
