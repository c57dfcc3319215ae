import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'

export function NotFound() {
  return (
    <>
      <h1>{words.shell.notFound}</h1>
      <p>{words.shell.notFoundHint}</p>
    </>
  )
}

export function Broken({ error }: { error: unknown }) {
  return (
    <>
      <h1>{words.shell.broken}</h1>
      <Problem error={error instanceof Error ? error : new Error(String(error))} />
    </>
  )
}
