import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { hostsQuery, instancesQuery } from '../api/queries.ts'
import { Dialog } from '../parts/dialog.tsx'
import { words } from '../words.ts'

const MOST = 12

/** Ctrl-K: to any page or thing by its name. */
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
  const hosts = useQuery(hostsQuery(useQueryClient()))
  const instances = useQuery(instancesQuery)
  const all = [
    ...(/^\d+$/.test(text) ? [{ name: words.palette.operation(text), to: `/operations/${text}` }] : []),
    ...pages.map(([to, name]) => ({ name, to })),
    ...(instances.data ?? []).map(({ name }) => ({ name, to: `/instances/${name}` })),
    ...(hosts.data ?? []).map(({ name }) => ({ name, to: `/hosts/${name}` })),
  ]
  const wanted = text.toLowerCase()
  const found = all.filter(({ name, to }) => `${name} ${to}`.toLowerCase().includes(wanted)).slice(0, MOST)
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
        {found.map(({ name, to }, index) => (
          <button
            type="button"
            key={to}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => go(to)}
          >
            {name} <span className="path">{to}</span>
          </button>
        ))}
      </div>
    </Dialog>
  )
}
