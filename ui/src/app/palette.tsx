import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { searchQuery } from '../api/queries.ts'
import { Dialog } from '../parts/dialog.tsx'
import { words } from '../words.ts'
import { actionsOn, addressOf, deeds, targetOf } from './palette-entries.ts'

const MOST = 14

/** Ctrl-K: to any page, thing or action by its name. */
export function Palette({
  pages,
  onClose,
}: {
  pages: readonly (readonly [string, string])[]
  onClose: () => void
}) {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const navigate = useNavigate()
  const wanted = text.trim().toLowerCase()
  const { data: things } = useQuery(searchQuery(targetOf(wanted)))
  const named = [...pages, ...deeds]
    .map(([to, name]) => ({ name, to, detail: to }))
    .filter(({ name, to }) => `${name} ${to}`.toLowerCase().includes(wanted))
  const items = things?.items ?? []
  const [first] = items
  const actions = first === undefined ? [] : actionsOn(first, wanted)
  // who has typed what to do has it first
  const isDeed = targetOf(wanted) !== wanted
  const found = [
    ...(isDeed ? actions : []),
    ...named,
    ...items.map(({ kind, name, detail }) => ({
      name: kind === 'operation' ? words.palette.operation(name) : name,
      to: addressOf(kind, name),
      detail: `${words.palette.kinds[kind]} ${detail}`,
    })),
    ...(isDeed ? [] : actions),
  ]
    .filter(
      ({ to, name }, index, all) => all.findIndex((one) => one.to === to && one.name === name) === index,
    )
    .slice(0, MOST)
  const go = (to: string) => {
    onClose()
    void navigate({ to })
  }
  return (
    <Dialog title={words.palette.title} onClose={onClose}>
      <input
        className="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] ? `palette-${at}` : undefined}
        aria-label={words.palette.label}
        placeholder={words.palette.label}
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(at + 1, found.length - 1))
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0))
          else if (event.key === 'Enter' && found[at]) go(found[at].to)
          else return
          event.preventDefault()
        }}
      />
      {found.length === 0 && <p>{words.palette.empty}</p>}
      <div id="palette-list" role="listbox" aria-label={words.palette.title}>
        {found.map(({ name, to, detail }, index) => (
          <button
            type="button"
            key={`${to} ${name}`}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => go(to)}
          >
            {name} <span className="path">{detail}</span>
          </button>
        ))}
      </div>
    </Dialog>
  )
}
