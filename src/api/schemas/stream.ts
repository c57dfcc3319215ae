import { z } from 'zod'

/** Never serialised by a schema: the stream is written by sse.ts. */
export const eventStream = {
  description: 'Server-sent events; a comment every 15 seconds keeps the connection alive',
  content: { 'text/event-stream': { schema: z.string() } },
}
