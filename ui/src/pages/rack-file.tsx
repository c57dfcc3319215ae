import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { body, client, type Schemas } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { TextArea, TextField } from '../parts/field.tsx'
import { Refusal } from '../parts/problem.tsx'
import { words } from '../words.ts'

const text = words.rackFile

/** The file goes as it was typed, so that faults are told by its own lines. */
const asTyped = (name: string, file: string) => ({
  params: { path: { key: name } },
  body: file as never,
  bodySerializer: (text: unknown) => String(text),
  headers: { 'content-type': 'text/plain' },
})

/** Paste, check, see what would change, apply: all of it or nothing, with every fault by its line. */
export function RackFile() {
  const navigate = useNavigate()
  const { name: given } = useParams({ from: '/racks/$name/edit' })
  const [name, setName] = useState(given === 'new' ? '' : given)
  const [file, setFile] = useState('')
  /** Of the file as it stands; null: not checked since it was changed. */
  const [checked, setChecked] = useState<Schemas['RackCheck'] | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const [notes, setNotes] = useState<string[]>([])
  const queries = useQueryClient()
  function change(next: { name?: string; file?: string }) {
    if (next.name !== undefined) setName(next.name)
    if (next.file !== undefined) setFile(next.file)
    setChecked(null)
    setError(null)
  }
  async function told(work: () => Promise<void>) {
    setError(null)
    try {
      await work()
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  const check = () =>
    told(async () => {
      setChecked(null)
      setChecked(await body(client.POST('/api/v1/racks/{key}/check', asTyped(name, file))))
    })
  const apply = () =>
    told(async () => {
      await body(client.PUT('/api/v1/racks/{key}', asTyped(name, file)))
      await queries.invalidateQueries({ queryKey: ['racks'] })
      await navigate({ to: '/racks' })
    })
  const discover = () =>
    told(async () => {
      const found = await body(client.GET('/api/v1/rack-discovery'))
      change({ file: JSON.stringify({ racks: found.racks }, null, 2) })
      setNotes([text.discovered, ...found.notes])
    })
  const missing = name === '' ? text.needsName : file.trim() === '' ? text.empty : null
  return (
    <>
      <h1>{text.title}</h1>
      <div className="columns">
        <section className="card" aria-label={text.file}>
          <TextField label={text.name} value={name} onChange={(name) => change({ name })} required />
          <TextArea label={text.file} hint={text.hint} value={file} onChange={(file) => change({ file })} />
          <p className="buttons">
            <Button onClick={() => void discover()}>{text.discover}</Button>
            <Button why={missing} onClick={() => void check()}>
              {text.check}
            </Button>
            <Button kind="primary" why={missing} onClick={() => void apply()}>
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
          {error && <Refusal error={error} />}
          {file.trim() === '' ? (
            <p>{text.empty}</p>
          ) : checked === null ? (
            error === null && <p>{text.unchecked}</p>
          ) : (
            <>
              <p>{text.well(checked.switches, checked.cables)}</p>
              <Changes of={checked.changes} />
            </>
          )}
        </section>
      </div>
    </>
  )
}

function Changes({ of }: { of: Schemas['RackCheck']['changes'] }) {
  if (of.length === 0) return <p>{text.same}</p>
  return (
    <ul className="diff">
      {of.map(({ mac, before, after }) => {
        const change = before === null ? 'adds' : after === null ? 'removes' : 'moves'
        const [from, to] = [before, after].map((at) => (at === null ? '' : `${at.switch} ${at.port}`))
        return (
          <li key={mac} className={`change-${change}`}>
            <b>{text[change]}</b> <code>{mac}</code> {from} {change === 'moves' && '→'} {to}
          </li>
        )
      })}
    </ul>
  )
}
