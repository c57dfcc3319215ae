import type { ReactNode } from 'react'
import { useId } from 'react'

interface Common {
  label: string
  hint?: string
}

export function TextField({
  label,
  hint,
  value,
  onChange,
  type = 'text',
  required = false,
  placeholder,
}: Common & {
  value: string
  onChange: (value: string) => void
  type?: 'text' | 'password' | 'number'
  required?: boolean
  placeholder?: string
}) {
  const id = useId()
  return (
    <Field id={id} label={label} hint={hint}>
      <input
        id={id}
        type={type}
        value={value}
        required={required}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
}

export function SelectField({
  label,
  hint,
  value,
  onChange,
  options,
}: Common & {
  value: string
  onChange: (value: string) => void
  options: readonly { value: string; text: string }[]
}) {
  const id = useId()
  return (
    <Field id={id} label={label} hint={hint}>
      <select
        id={id}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map(({ value: one, text }) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  )
}

export function TextArea({
  label,
  hint,
  value,
  onChange,
  rows = 20,
}: Common & { value: string; onChange: (value: string) => void; rows?: number }) {
  const id = useId()
  return (
    <Field id={id} label={label} hint={hint}>
      <textarea
        id={id}
        rows={rows}
        value={value}
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
}

function Field({
  id,
  label,
  hint,
  children,
}: {
  id: string
  label: string
  hint: string | undefined
  children: ReactNode
}) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}
