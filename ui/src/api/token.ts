/**
 * The token lives as long as the tab does, and in no URL: what `npm start` prints has it in the fragment, which no
 * server sees, and it is taken out of the history at once. A tab that is opened beside this one is given it.
 */
const KEY = 'ferrule.token'
const channel = new BroadcastChannel('ferrule.session')
const ANSWER_MS = 200

channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const token = readToken()
  if (data === 'who has a token?' && token !== null) channel.postMessage({ token })
})

export function readToken(): string | null {
  return sessionStorage.getItem(KEY)
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token)
}

export function dropToken(): void {
  sessionStorage.removeItem(KEY)
}

/** Before the first page is shown: out of the fragment, or from a neighbour tab. */
export async function findToken(): Promise<void> {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given !== null) {
    keepToken(given)
    history.replaceState(null, '', location.pathname + location.search)
  }
  if (readToken() !== null) return
  await new Promise<void>((resolve) => {
    const hear = ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== 'object' || data === null || !('token' in data) || typeof data.token !== 'string')
        return
      keepToken(data.token)
      end()
    }
    const end = () => {
      channel.removeEventListener('message', hear)
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(end, ANSWER_MS)
    channel.addEventListener('message', hear)
    channel.postMessage('who has a token?')
  })
}
