import { words } from '../words.ts'

/** A record of the API as it is: names and values, the deeper ones as JSON. */
export function Values({ of, none }: { of: unknown; none: string }) {
  const entries = isRecord(of) ? Object.entries(of) : []
  if (entries.length === 0) return <p className="quiet">{none}</p>
  return (
    <dl className="values">
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>{typeof value === 'object' && value !== null ? <Deep value={value} /> : plain(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function Deep({ value }: { value: object }) {
  const short = JSON.stringify(value)
  return short.length <= 80 ? <code>{short}</code> : <pre>{JSON.stringify(value, null, 2)}</pre>
}

function plain(value: unknown): string {
  return value === null || value === '' ? words.none : String(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
