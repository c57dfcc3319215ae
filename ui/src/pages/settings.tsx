import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, type Schemas } from '../api/client.ts'
import { healthQuery, maasQuery, overviewQuery, settingsQuery, tokensQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Facts } from '../parts/facts.tsx'
import { SelectField, TextField } from '../parts/field.tsx'
import { MaasAnswers } from '../parts/maas-answers.tsx'
import { Loaded, Problem } from '../parts/problem.tsx'
import { settingOf } from '../parts/setting-of.ts'
import { durationText, Time } from '../parts/time.tsx'
import { words } from '../words.ts'

const text = words.settings
const roles = ['reader', 'cloudstack', 'admin'] as const

export function Settings() {
  const health = useQuery(healthQuery)
  const settings = useQuery(settingsQuery)
  return (
    <>
      <h1>{text.title}</h1>
      <p className="buttons">
        <Link to="/settings/provider" className="button">
          {text.change}
        </Link>
      </p>
      <div className="columns">
        <div>
          <section className="card" aria-label={text.site}>
            <h2>{text.site}</h2>
            <Loaded query={health} what={text.site}>
              {(found) => (
                <Facts
                  of={[
                    [text.version, found.version],
                    [words.hosts.state, found.status],
                    [text.enabled, found.enabled ? words.yes : words.no],
                    [words.why.title, found.reason],
                  ]}
                />
              )}
            </Loaded>
          </section>
          <MaasHealth />
          <Defaults />
          <Tokens />
          <Usual />
        </div>
        <section className="card" aria-label={text.config}>
          <h2>{text.config}</h2>
          <Loaded query={settings} what={text.config}>
            {(found) => (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
              <pre tabIndex={0}>{JSON.stringify(found, null, 2)}</pre>
            )}
          </Loaded>
        </section>
      </div>
    </>
  )
}

/** Each region controller as it answers now: whether it is there, and takes the key. */
function MaasHealth() {
  const query = useQuery(maasQuery)
  return (
    <section className="card" aria-label={text.maas}>
      <h2>{text.maas}</h2>
      <Loaded query={query} what={text.maas}>
        {({ endpoints }) => <MaasAnswers endpoints={endpoints} />}
      </Loaded>
    </section>
  )
}

/** What holds where a rack file, a host, an offering or a call says nothing else. */
function Defaults() {
  const settings = useQuery(settingsQuery)
  return (
    <section className="card" aria-label={text.defaults}>
      <h2>{text.defaults}</h2>
      <Loaded query={settings} what={text.defaults}>
        {(found) => (
          <Facts
            of={text.defaultsOf.map(
              ([path, name]) => [name, <code key={path}>{shownAt(found, path)}</code>] as const,
            )}
          />
        )}
      </Loaded>
    </section>
  )
}

function shownAt(settings: unknown, path: string): string {
  const value = settingOf(settings, path)
  if (typeof value === 'object' && value !== null) return Object.values(value).join('–')
  if (path.endsWith('Every') && typeof value === 'number') return durationText(value)
  return value === undefined || value === null ? words.none : String(value)
}

function Tokens() {
  const queries = useQueryClient()
  const query = useQuery(tokensQuery)
  const [name, setName] = useState('')
  const [role, setRole] = useState('reader')
  const [made, setMade] = useState<Schemas['CreatedToken'] | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  const [error, setError] = useState<Error | null>(null)
  async function create() {
    setError(null)
    try {
      const chosen = roles.find((one) => one === role) ?? 'reader'
      setMade(await body(client.POST('/api/v1/tokens', { body: { name, role: chosen } })))
      setName('')
      await queries.invalidateQueries({ queryKey: ['tokens'] })
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  return (
    <section className="card" aria-label={text.tokens}>
      <h2>{text.tokens}</h2>
      <Loaded query={query} what={text.tokens}>
        {({ items }) => (
          <ul className="tokens">
            {items.map((token) => (
              <li key={token.name}>
                <b>{token.name}</b>, {text.hasRole} {text.roles[token.role]}; {text.created}{' '}
                <Time at={token.createdAt} />{' '}
                <button
                  type="button"
                  className="button danger"
                  aria-label={`${text.remove} ${token.name}`}
                  onClick={() => setRemoving(token.name)}
                >
                  {text.remove}
                </button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      {made && (
        <div className="card" role="status">
          <p>{text.shownOnce}</p>
          <code>{made.token}</code>
        </div>
      )}
      <form
        className="tools"
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <TextField label={words.catalogue.name} value={name} onChange={setName} required />
        <SelectField
          label={text.role}
          value={role}
          onChange={setRole}
          options={roles.map((value) => ({ value, text: text.roles[value] ?? value }))}
        />
        <Button submit>{text.add}</Button>
      </form>
      {error && <Problem error={error} />}
      {removing !== null && (
        <Confirm
          title={text.removeTitle(removing)}
          what={text.removeWhat}
          button={text.remove}
          onClose={() => setRemoving(null)}
          act={() => body(client.DELETE('/api/v1/tokens/{key}', { params: { path: { key: removing } } }))}
        />
      )}
    </section>
  )
}

/** What expected times come from. */
function Usual() {
  const query = useQuery(overviewQuery)
  return (
    <section className="card" aria-label={text.usual}>
      <h2>{text.usual}</h2>
      <Loaded query={query} what={text.usual}>
        {({ usual }) =>
          usual.length === 0 ? (
            <p>{text.noHistory}</p>
          ) : (
            <table>
              <thead>
                <tr>
                  {[text.kind, text.median, text.most, text.count].map((title) => (
                    <th key={title} scope="col">
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {usual.map(({ kind, medianMs, mostMs, count }) => (
                  <tr key={kind}>
                    <td>{kind}</td>
                    <td>{durationText(medianMs)}</td>
                    <td>{durationText(mostMs)}</td>
                    <td>{count}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </section>
  )
}
