import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { body, client } from '../api/client.ts'
import { rackQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { TextArea, TextField } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'
import { cableDiff } from './rack-diff.ts'

const text = words.rackFile

/** Paste, see what would change, apply: all of it or nothing, with every fault by its line. */
export function RackFile() {
  const navigate = useNavigate()
  const { name: given } = useParams({ from: '/racks/$name/edit' })
  const [name, setName] = useState(given === 'new' ? '' : given)
  const [file, setFile] = useState('')
  const [error, setError] = useState<Error | null>(null)
  const [notes, setNotes] = useState<string[]>([])
  const queries = useQueryClient()
  const { data: current = null } = useQuery(rackQuery(name))
  const diff = useMemo(() => cableDiff(current, file), [current, file])
  async function apply() {
    setError(null)
    try {
      await body(
        client.PUT('/api/v1/racks/{key}', {
          params: { path: { key: name } },
          // the file goes as it was typed, so that faults are told by its own lines
          body: file as never,
          bodySerializer: (text: unknown) => String(text),
          headers: { 'content-type': 'text/plain' },
        }),
      )
      await queries.invalidateQueries({ queryKey: ['rack'] })
      await queries.invalidateQueries({ queryKey: ['racks'] })
      await navigate({ to: '/racks' })
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  async function discover() {
    setError(null)
    try {
      const found = await body(client.GET('/api/v1/rack-discovery'))
      setFile(JSON.stringify({ racks: found.racks }, null, 2))
      setNotes([text.discovered, ...found.notes])
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  return (
    <>
      <h1>{text.title}</h1>
      <div className="columns">
        <section className="card" aria-label={text.file}>
          <TextField label={text.name} value={name} onChange={setName} required />
          <TextArea label={text.file} hint={text.hint} value={file} onChange={setFile} />
          <p className="buttons">
            <Button onClick={() => void discover()}>{text.discover}</Button>
            <Button
              kind="primary"
              why={name === '' ? text.needsName : file.trim() === '' ? text.empty : null}
              onClick={() => void apply()}
            >
              {text.apply}
            </Button>
          </p>
          <p className="hint">{text.all}</p>
          {notes.map((note) => (
            <p key={note} className="hint">
              {note}
            </p>
          ))}
        </section>
        <section className="card" aria-label={text.diff} aria-live="polite">
          <h2>{text.diff}</h2>
          {error && <Problem error={error} />}
          {file.trim() === '' ? (
            <p>{text.empty}</p>
          ) : diff === null ? (
            <p>{text.unreadable}</p>
          ) : diff.length === 0 ? (
            <p>{text.same}</p>
          ) : (
            <ul className="diff">
              {diff.map(({ change, mac, before, after }) => (
                <li key={mac} className={`change-${change}`}>
                  <b>{text[change]}</b> <code>{mac}</code> {before} {before !== '' && after !== '' && '→'}{' '}
                  {after}
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </>
  )
}
