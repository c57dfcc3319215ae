import { readToken } from './token.ts'

export interface Message {
  event: string
  data: string
  id: string
}

/** Server-sent events by fetch: EventSource could not send the token. Ends when the stream does. */
export async function readStream(
  path: string,
  {
    signal,
    lastId,
    onOpen,
    onMessage,
  }: {
    signal: AbortSignal
    lastId?: string | undefined
    onOpen?: () => void
    onMessage: (message: Message) => void
  },
): Promise<void> {
  const answer = await fetch(path, {
    signal,
    headers: {
      authorization: `Bearer ${readToken() ?? ''}`,
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    },
  })
  if (!answer.ok || answer.body === null) throw new Error(`the stream answered ${answer.status}`)
  onOpen?.()
  const decoder = new TextDecoder()
  const reader = answer.body.getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const parts = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const message = parse(part)
      if (message) onMessage(message)
    }
  }
}

function parse(text: string): Message | null {
  const fields: Message = { event: 'message', data: '', id: '' }
  for (const line of text.split('\n')) {
    const [, name, value = ''] = /^(event|data|id): ?(.*)$/.exec(line) ?? []
    if (name === 'event' || name === 'data' || name === 'id') fields[name] = value
  }
  return fields.data === '' ? null : fields
}
