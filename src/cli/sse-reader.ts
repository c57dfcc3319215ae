export interface ServerEvent {
  event: string
  id: string | null
  data: unknown
}

/** Reads text/event-stream (WHATWG HTML, "Server-sent events"); comments and unreadable data are passed over. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const event = parseBlock(block)
      if (event) yield event
    }
  }
}

function parseBlock(block: string): ServerEvent | null {
  let [event, id, data] = ['message', null as string | null, '']
  for (const line of block.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon < 1) continue
    const value = line.slice(colon + 1).replace(/^ /, '')
    const field = line.slice(0, colon)
    if (field === 'event') event = value
    if (field === 'id') id = value
    if (field === 'data') data += value
  }
  if (data === '') return null
  try {
    return { event, id, data: JSON.parse(data) }
  } catch {
    return null
  }
}
