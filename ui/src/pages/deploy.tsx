import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Fragment, useDeferredValue, useState } from 'react'
import { body, client, once, type Schemas } from '../api/client.ts'
import { ProblemError } from '../api/problem.ts'
import { networksQuery, offeringsQuery, templatesQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { keepPlan } from '../parts/kept-plan.ts'
import { newMac } from '../parts/new-mac.ts'
import { changesTold, Plan, planChanges } from '../parts/plan.tsx'
import { Changes } from '../parts/planned-action.tsx'
import { Problem } from '../parts/problem.tsx'
import { useDefaultErase } from '../parts/use-erase.ts'
import { words } from '../words.ts'
import { readDeploySearch } from './deeds.ts'
import { NicFields } from './deploy-nics.tsx'
import { gib } from './hosts-columns.tsx'

type Request = Schemas['NewInstanceInput']
const text = words.deploy

/** The form on the left, what it would do on the right. */
export function Deploy() {
  const [name, setName] = useState('')
  const begin = readDeploySearch(useSearch({ strict: false }))
  const [template, setTemplate] = useState(begin.template ?? '')
  const [offering, setOffering] = useState(begin.offering ?? '')
  const [erase, setErase] = useState('')
  const [tenant, setTenant] = useState('')
  const [nics, setNics] = useState(() => [{ network: begin.network ?? '', mac: newMac() }])
  const templates = useQuery(templatesQuery)
  const offerings = useQuery(offeringsQuery)
  const networks = useQuery(networksQuery)
  const eraseDefault = useDefaultErase(offering === '' ? null : offering)
  const wired = nics.filter(({ network }) => network !== '')
  const complete = name !== '' && template !== '' && offering !== '' && wired.length > 0
  const request: Request = {
    name,
    template,
    offering,
    nics: wired.map(({ network, mac }) => ({ network, ...(mac === '' ? {} : { mac }) })),
    ...(isErase(erase) ? { erase } : {}),
    ...(tenant === '' ? {} : { tenant }),
  }
  const failed = templates.error ?? offerings.error ?? networks.error
  return (
    <>
      <h1>{text.title}</h1>
      {failed && <Problem error={failed} />}
      <Missing
        of={[
          ['/templates', text.needs.template, templates.data],
          ['/offerings', text.needs.offering, offerings.data],
          ['/networks', text.needs.network, networks.data],
        ]}
      />
      <div className="columns">
        <section className="card" aria-label={text.title}>
          <TextField label={text.name} value={name} onChange={setName} required />
          <SelectField
            label={text.template}
            value={template}
            onChange={setTemplate}
            options={choices(templates.data, ({ name: one, image }) => `${one} (${image})`)}
          />
          <SelectField
            label={text.offering}
            value={offering}
            onChange={setOffering}
            options={choices(
              offerings.data,
              ({ name: one, cpuCount, memoryMib }) => `${one} (${words.cpus(cpuCount)}, ${gib(memoryMib)})`,
            )}
          />
          <NicFields nics={nics} onChange={setNics} networks={networks.data ?? []} />
          <SelectField
            label={text.erase}
            value={erase}
            onChange={setErase}
            options={['', 'full', 'secure', 'quick'].map((value) => ({
              value,
              text: value === '' ? eraseDefault : value,
            }))}
          />
          <TextField label={text.tenant} hint={text.tenantHint} value={tenant} onChange={setTenant} />
        </section>
        <PlanBeside request={complete ? request : null} />
      </div>
    </>
  )
}

/** On a new site: what has to be made before the form can be filled in, and where. */
function Missing({ of }: { of: readonly (readonly [string, string, readonly unknown[] | undefined])[] }) {
  const missing = of.filter(([, , items]) => items?.length === 0)
  if (missing.length === 0) return null
  return (
    <p role="status">
      {text.needs.first}{' '}
      {missing.map(([to, what], index) => (
        <Fragment key={to}>
          {index > 0 && ', '}
          <Link to={to}>{what}</Link>
        </Fragment>
      ))}
      .
    </p>
  )
}

/** What a press is held to. */
interface Seen {
  /** The form as it was then, as JSON. */
  question: string
  plan: Schemas['Plan']
  /** Why the last press did nothing. */
  refused: string[]
}

function PlanBeside({ request }: { request: Request | null }) {
  const navigate = useNavigate()
  // the newest of what was typed, once typing leaves time for it
  const asked = useDeferredValue(request)
  const query = useQuery({
    queryKey: ['plan', 'deploy', JSON.stringify(asked)],
    queryFn: () => makePlan(asked),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 0,
    refetchInterval: 10_000,
  })
  const [seen, setSeen] = useState<Seen | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const [busy, setBusy] = useState(false)
  const plan = request === null ? undefined : (query.data ?? undefined)
  const question = JSON.stringify(asked)
  // another question begins with another plan; the same one keeps what a person saw first
  if (plan !== undefined && !query.isPlaceholderData && seen?.question !== question)
    setSeen({ question, plan, refused: [] })
  const since = seen === null || plan === undefined ? [] : planChanges(seen.plan, plan)
  async function press() {
    if (request === null || plan === undefined || seen === null || busy) return
    // told already: the press takes note of it
    if (since.length > 0) return setSeen({ question, plan, refused: since })
    const { fingerprint } = seen.plan
    if (fingerprint === null) return
    setBusy(true)
    setError(null)
    try {
      const { operation } = await body(
        client.POST('/api/v1/instances', {
          body: { ...request, expectedPlan: fingerprint },
          params: { header: once() },
        }),
      )
      keepPlan(operation.id, seen.plan)
      await navigate({ to: '/operations/$key', params: { key: String(operation.number) } })
    } catch (failure) {
      await refuse(failure instanceof Error ? failure : new Error(String(failure)), plan)
    } finally {
      setBusy(false)
    }
  }
  async function refuse(failure: Error, before: Schemas['Plan']) {
    if (!(failure instanceof ProblemError && failure.code === 'plan-changed')) return setError(failure)
    const now = (await query.refetch()).data ?? before
    setSeen({ question, plan: now, refused: changesTold(failure, now) })
  }
  return (
    <section className="card" aria-label={words.plan.title} aria-live="polite" aria-busy={query.isFetching}>
      <h2>
        {words.plan.title}{' '}
        {query.isFetching && plan !== undefined && <span className="quiet">{words.plan.updating}</span>}
      </h2>
      {request === null ? (
        <p>{words.plan.waiting}</p>
      ) : query.error ? (
        <Problem error={query.error} />
      ) : plan === undefined ? (
        <p role="status">{words.plan.making}</p>
      ) : (
        <Plan plan={plan} />
      )}
      {since.length > 0 ? (
        <Changes of={since} told={words.plan.changedSince} />
      ) : (
        <Changes
          of={seen?.refused ?? []}
          told={plan?.refusals.length === 0 ? words.plan.changed : words.plan.changedRefused}
        />
      )}
      {error && error !== query.error && <Problem error={error} />}
      <p className="buttons">
        <Button
          kind="primary"
          why={JSON.stringify(request) === question ? whyNot(request, plan, query) : text.planning}
          onClick={press}
        >
          {text.submit}
        </Button>
      </p>
    </section>
  )
}

function whyNot(
  request: Request | null,
  plan: Schemas['Plan'] | undefined,
  query: { isPlaceholderData: boolean; error: Error | null },
): string | null {
  if (request === null) return text.incomplete
  if (query.error) return text.refused
  if (plan === undefined || query.isPlaceholderData) return text.planning
  return plan.refusals.length > 0 ? text.refused : null
}

async function makePlan(request: Request | null): Promise<Schemas['Plan'] | null> {
  return request === null ? null : body(client.POST('/api/v1/plans/deploy', { body: request }))
}

function isErase(value: string): value is 'full' | 'secure' | 'quick' {
  return ['full', 'secure', 'quick'].includes(value)
}

function choices<Item extends { name: string }>(items: Item[] | undefined, tell: (item: Item) => string) {
  return [
    { value: '', text: text.choose },
    ...(items ?? []).map((item) => ({ value: item.name, text: tell(item) })),
  ]
}
