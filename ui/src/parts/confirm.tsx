import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { words } from '../words.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { TextField } from './field.tsx'
import { Problem } from './problem.tsx'

/** One question, with its consequence; a reason where one is recorded. */
export function Confirm({
  title,
  what,
  button,
  reason,
  kind = 'danger',
  act,
  onClose,
}: {
  title: string
  what: string
  button: string
  reason?: string
  kind?: 'primary' | 'danger'
  act: (reason: string) => Promise<unknown>
  onClose: () => void
}) {
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const [error, setError] = useState<Error | null>(null)
  const [busy, setBusy] = useState(false)
  async function press() {
    if (busy) return
    setBusy(true)
    setError(null)
    try {
      await act(text)
      onClose()
      await queries.invalidateQueries()
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{what}</p>
      {reason !== undefined && <TextField label={reason} value={text} onChange={setText} required />}
      {error && <Problem error={error} />}
      <p className="buttons">
        <Button
          kind={kind}
          why={reason !== undefined && text.trim() === '' ? words.needsReason : null}
          onClick={press}
        >
          {button}
        </Button>
        <Button onClick={onClose}>{words.close}</Button>
      </p>
    </Dialog>
  )
}
