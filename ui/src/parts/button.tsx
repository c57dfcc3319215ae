import type { ReactNode } from 'react'
import { useId } from 'react'

/**
 * A button that says why it cannot be pressed: it stays reachable by keyboard, so that the reason is read out, and does
 * nothing.
 */
export function Button({
  children,
  onClick,
  why = null,
  kind = 'plain',
  submit = false,
  label,
}: {
  children: ReactNode
  onClick?: () => void
  /** Null: it can be pressed. */
  why?: string | null
  kind?: 'plain' | 'primary' | 'danger'
  submit?: boolean
  /** Where the text alone does not say of what. */
  label?: string
}) {
  const id = useId()
  return (
    <span className="button-place">
      <button
        type={submit ? 'submit' : 'button'}
        className={`button ${kind}`}
        aria-disabled={why !== null}
        aria-describedby={why === null ? undefined : id}
        title={why ?? undefined}
        aria-label={label}
        onClick={(event) => {
          if (why !== null) event.preventDefault()
          else onClick?.()
        }}
      >
        {children}
      </button>
      {why !== null && (
        <span id={id} className="why-not">
          {why}
        </span>
      )}
    </span>
  )
}
