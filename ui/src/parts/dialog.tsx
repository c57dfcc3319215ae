import type { ReactNode } from 'react'
import { useEffect, useId, useRef } from 'react'
import { words } from '../words.ts'

/** The browser's own modal dialog: focus stays inside, Escape closes, and focus goes back to where it was. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string
  onClose: () => void
  children: ReactNode
}) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    ref.current?.showModal()
    // what is to be filled in, rather than the button that closes
    ref.current?.querySelector<HTMLElement>('input, select, textarea')?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" className="button plain" onClick={onClose}>
          {words.close}
        </button>
      </header>
      {children}
    </dialog>
  )
}
