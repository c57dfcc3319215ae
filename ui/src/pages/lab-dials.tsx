import { useId, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'
import { type Dial, dialText, isAtRest, partsOf, type Target, useAct } from './lab-act.ts'

const text = words.lab

/** A button to the dials of one thing, which says how many are not at rest. */
export function DialsButton({ name, targets }: { name: string; targets: readonly Target[] }) {
  const [open, setOpen] = useState(false)
  const turned = targets.flatMap(({ dials }) => dials).filter((dial) => !isAtRest(dial)).length
  const shown = turned === 0 ? text.dials : text.otherDials(turned)
  return (
    <>
      <Button onClick={() => setOpen(true)} label={`${shown}: ${text.dialsOf(name)}`}>
        {shown}
      </Button>
      {open && (
        <Dialog title={text.dialsOf(name)} onClose={() => setOpen(false)}>
          {targets.map((target) => (
            <Dials key={target.path} target={target} />
          ))}
        </Dialog>
      )}
    </>
  )
}

function Dials({ target }: { target: Target }) {
  const { act, error } = useAct()
  const { kind } = partsOf(target.path)
  return (
    <section aria-label={text.kinds[kind] ?? kind}>
      <h3>{text.kinds[kind] ?? kind}</h3>
      {error && <Problem error={error} />}
      <div className="dials">
        {target.dials.map((dial) => (
          <DialRow
            key={dial.name}
            dial={dial}
            effect={text.effects[`${kind}.${dial.name}`] ?? ''}
            turn={(value) => act({ do: 'dial', target: target.path, dials: { [dial.name]: value } })}
          />
        ))}
      </div>
    </section>
  )
}

function DialRow({
  dial,
  effect,
  turn,
}: {
  dial: Dial
  effect: string
  turn: (value: unknown) => Promise<void>
}) {
  const id = useId()
  const shown = dialText(dial.value, text.always)
  const [typed, setTyped] = useState<string | null>(null)
  return (
    <div className={isAtRest(dial) ? 'dial' : 'dial turned'}>
      <label htmlFor={id}>
        <code>{dial.name}</code> <span className="hint">{effect}</span>
      </label>
      {typeof dial.rest === 'boolean' ? (
        <input
          id={id}
          type="checkbox"
          checked={dial.value === true}
          onChange={(event) => void turn(event.target.checked)}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void turn(readDial(typed ?? shown, dial.rest)).then(() => setTyped(null))
          }}
        >
          <input
            id={id}
            value={typed ?? shown}
            inputMode={typeof dial.rest === 'number' ? 'decimal' : 'text'}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
          {typed !== null && typed !== shown && <Button submit>{text.set}</Button>}
        </form>
      )}
    </div>
  )
}

/** What was typed as the kind of value that the dial takes; the lab refuses what is none. */
function readDial(typed: string, rest: unknown): unknown {
  if (typeof rest === 'number') return typed === text.always ? Number.MAX_SAFE_INTEGER : Number(typed)
  if (Array.isArray(rest)) {
    const items = typed.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))
    return items.every((one) => /^\d+$/.test(one)) ? items.map(Number) : items
  }
  // the dials that are null at rest take a text
  return rest === null && typed === '' ? null : typed
}
