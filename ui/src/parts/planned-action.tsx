import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Schemas } from '../api/client.ts'
import { words } from '../words.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { keepPlan } from './kept-plan.ts'
import { Plan, planChanges } from './plan.tsx'
import { Loaded, Problem } from './problem.tsx'

/**
 * A button whose plan is seen before it does anything. What is pressed is what was seen: the plan is made anew at the
 * press, and where it differs nothing is done.
 */
export function PlannedDialog({
  title,
  what,
  button,
  kind = 'danger',
  planKey,
  plan,
  act,
  onClose,
  why = null,
  waiting = null,
  children,
}: {
  title: string
  what: string
  button: string
  kind?: 'primary' | 'danger'
  /** What the plan depends on. */
  planKey: readonly unknown[]
  plan: () => Promise<Schemas['Plan']>
  /** Null: there was nothing to do. */
  act: () => Promise<Schemas['Operation'] | null>
  onClose: () => void
  why?: string | null
  /** What is still needed before there can be a plan. */
  waiting?: string | null
  children?: ReactNode
}) {
  const navigate = useNavigate()
  const query = useQuery({
    queryKey: ['plan', ...planKey],
    queryFn: plan,
    retry: false,
    staleTime: 0,
    enabled: waiting === null,
  })
  const [changes, setChanges] = useState<string[]>([])
  const [error, setError] = useState<Error | null>(null)
  const [busy, setBusy] = useState(false)
  async function press() {
    const seen = query.data
    if (seen === undefined || busy) return
    setBusy(true)
    setError(null)
    try {
      const now = await query.refetch({ throwOnError: true })
      const changed = now.data === undefined ? [] : planChanges(seen, now.data)
      setChanges(changed)
      if (changed.length > 0) return
      const operation = await act()
      onClose()
      if (operation === null) return
      keepPlan(operation.id, seen)
      await navigate({ to: '/operations/$key', params: { key: String(operation.number) } })
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{what}</p>
      {children}
      <h3>{words.plan.title}</h3>
      {waiting === null ? (
        <Loaded query={query} what={words.plan.title}>
          {(found) => <Plan plan={found} />}
        </Loaded>
      ) : (
        <p className="hint">{waiting}</p>
      )}
      <Changes of={changes} />
      {error && <Problem error={error} />}
      <p className="buttons">
        <Button
          kind={kind}
          why={
            why ??
            (query.data === undefined
              ? words.deploy.planning
              : query.data.refusals.length > 0
                ? words.deploy.refused
                : null)
          }
          onClick={press}
        >
          {button}
        </Button>
      </p>
    </Dialog>
  )
}

export function Changes({
  of,
  told = words.plan.changed,
}: {
  of: readonly string[]
  /** What follows from it. */
  told?: string
}) {
  if (of.length === 0) return null
  return (
    <div className="problem" role="alert">
      <p>{told}</p>
      <ul>
        {of.map((one) => (
          <li key={one}>
            {words.plan.changedWhat}: {one}
          </li>
        ))}
      </ul>
    </div>
  )
}
