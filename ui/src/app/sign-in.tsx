import { useState } from 'react'
import { body, client } from '../api/client.ts'
import { dropToken, keepToken } from '../api/token.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { words } from '../words.ts'

export function SignIn({ onDone }: { onDone: () => void }) {
  const [token, setToken] = useState('')
  const [error, setError] = useState<Error | null>(null)
  async function submit() {
    keepToken(token.trim())
    try {
      await body(client.GET('/api/v1/overview'))
      onDone()
    } catch (failure) {
      dropToken()
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  return (
    <main className="sign-in">
      <h1>{words.signIn.title}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField
          label={words.signIn.token}
          hint={words.signIn.hint}
          type="password"
          value={token}
          onChange={setToken}
          required
        />
        {error && <Problem error={error} />}
        <Button submit kind="primary">
          {words.signIn.submit}
        </Button>
      </form>
    </main>
  )
}
