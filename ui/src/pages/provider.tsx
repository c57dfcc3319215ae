import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { body, client, type Schemas } from '../api/client.ts'
import { providerQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { MaasAnswers } from '../parts/maas-answers.tsx'
import { Loaded, Problem } from '../parts/problem.tsx'
import { Time } from '../parts/time.tsx'
import { words } from '../words.ts'

const text = words.provider

type View = Schemas['ProviderSettings']
type Setting = View['settings'][number]
type Value = Setting['value']
type Change = Schemas['ProviderChangeInput']

/** Change, see what the file becomes and what MAAS says to it, apply: all of it or nothing. */
export function Provider() {
  const query = useQuery(providerQuery)
  const [applied, setApplied] = useState(false)
  return (
    <>
      <h1>{text.title}</h1>
      {applied && <p role="status">{text.applied}</p>}
      <Loaded query={query} what={text.title}>
        {(view) => <Form key={view.revision} view={view} onApplied={() => setApplied(true)} />}
      </Loaded>
    </>
  )
}

/** A new revision of the file is a new form: what was typed into the old one does not fit it any more. */
function Form({ view, onApplied }: { view: View; onApplied: () => void }) {
  const queries = useQueryClient()
  const [draft, setDraft] = useState<Record<string, Value>>({})
  const [seen, setSeen] = useState<{ of: string; plan: Schemas['ProviderPlan'] } | null>(null)
  const changes = changesOf(view, draft)
  const change: Change = { revision: view.revision, changes }
  const now = JSON.stringify(changes)
  const plan = useMutation({
    mutationFn: () => body(client.POST('/api/v1/settings/provider/plan', { body: change })),
    onSuccess: (found) => setSeen({ of: now, plan: found }),
    onError: () => setSeen(null),
  })
  const apply = useMutation({
    mutationFn: () => body(client.PUT('/api/v1/settings/provider', { body: change })),
    onSuccess: () => {
      onApplied()
      return queries.invalidateQueries()
    },
  })
  const locked = view.locked && `${view.locked.message}. ${view.locked.remedy}`
  const nothing = locked ?? (changes.length === 0 ? text.nothing : null)
  const shown = seen?.of === now ? seen.plan : null
  return (
    <div className="columns">
      <form
        aria-label={text.title}
        onSubmit={(event) => {
          event.preventDefault()
          if (nothing === null) plan.mutate()
        }}
      >
        {text.groups.map(([title, names]) => (
          <section key={title} className="card" aria-label={title}>
            <h2>{title}</h2>
            {view.settings
              .filter(({ name }) => names.includes(name))
              .map((setting) => (
                <SettingField
                  key={setting.name}
                  setting={setting}
                  value={draft[setting.name]}
                  onChange={(value) => setDraft({ ...draft, [setting.name]: value })}
                />
              ))}
          </section>
        ))}
      </form>
      <section className="card follows" aria-label={text.plan} aria-live="polite">
        <h2>{text.plan}</h2>
        <p className="hint">{view.file === null ? text.noFile : text.file(view.file)}</p>
        <Notes view={view} />
        {plan.error && <Problem error={plan.error} />}
        {apply.error && <Problem error={apply.error} />}
        {plan.isPending && <p role="status">{text.checking}</p>}
        {shown === null ? <p>{nothing ?? text.checkFirst}</p> : <Plan plan={shown} />}
        <p className="buttons">
          <Button why={nothing} onClick={() => plan.mutate()}>
            {text.check}
          </Button>
          <Button
            kind="primary"
            why={nothing ?? (shown === null ? text.checkFirst : shown.restarts ? null : text.same)}
            onClick={() => apply.mutate()}
          >
            {text.apply}
          </Button>
        </p>
      </section>
    </div>
  )
}

function Notes({ view: { pending, failure } }: { view: View }) {
  return (
    <>
      {pending && <p className="dirty">{text.pending}</p>}
      {failure && (
        <div className="problem" role="alert">
          <p>
            {text.failed} <Time at={failure.at} />: {failure.message}
          </p>
          <p className="remedy">{failure.remedy}</p>
        </div>
      )}
    </>
  )
}

function Plan({ plan: { diff, maas, restarts } }: { plan: Schemas['ProviderPlan'] }) {
  return (
    <>
      {diff.length === 0 ? (
        <p>{text.same}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre tabIndex={0} className="lines">
          {diff.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name, and their order is what they are
            <span key={at} className={line.startsWith('-') ? 'lie' : line.startsWith('+') ? 'clean' : ''}>
              {line}
              {'\n'}
            </span>
          ))}
        </pre>
      )}
      {maas && <MaasAnswers endpoints={maas} />}
      {restarts && <p className="hint">{text.restarts}</p>}
    </>
  )
}

function SettingField({
  setting: { name, kind, choices, about, value: held, from, variable },
  value,
  onChange,
}: {
  setting: Setting
  /** What was typed; undefined: nothing yet. */
  value: Value | undefined
  onChange: (value: Value) => void
}) {
  const label = text.names[name] ?? name
  const said =
    from === 'environment' ? text.fromEnvironment(variable) : from === 'default' ? text.fromDefault : ''
  const hint = [kind === 'secret' ? text.keptIn(held === null ? null : String(held)) : about, said]
    .filter((part) => part !== '')
    .join(' ')
  if (from === 'environment')
    return (
      <p>
        {label}: <b>{String(held)}</b> <span className="hint">{said}</span>
      </p>
    )
  if (kind === 'switch')
    return (
      <SelectField
        label={label}
        hint={hint}
        value={String(value ?? held)}
        onChange={(chosen) => onChange(chosen === 'true')}
        options={[
          { value: 'true', text: words.yes },
          { value: 'false', text: words.no },
        ]}
      />
    )
  if (kind === 'choice')
    return (
      <SelectField
        label={label}
        hint={hint}
        value={String(value === undefined ? (held ?? '') : (value ?? ''))}
        onChange={(chosen) => onChange(chosen === '' ? null : chosen)}
        options={[
          ...(choices?.length === 1 || held === null ? [{ value: '', text: text.none }] : []),
          ...(choices ?? []).map((one) => ({ value: one, text: text.choices[one] ?? one })),
        ]}
      />
    )
  const typed = value === undefined ? (kind === 'secret' ? '' : (held ?? '')) : (value ?? '')
  return (
    <TextField
      label={label}
      hint={hint}
      type={kind === 'secret' ? 'password' : kind === 'number' ? 'number' : 'text'}
      value={String(typed)}
      onChange={onChange}
    />
  )
}

/** What was typed, where it is another than what holds; an emptied field takes the setting out of the file. */
function changesOf({ settings }: View, draft: Record<string, Value>): Change['changes'] {
  return settings.flatMap(({ name, kind, value: held }) => {
    const typed = draft[name]
    if (typed === undefined || (kind === 'secret' && typed === '')) return []
    const value = typed === '' ? null : kind === 'number' ? Number(typed) : typed
    return value === held ? [] : [{ name, value }]
  })
}
