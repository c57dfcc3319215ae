import { z } from 'zod'

/** What a BMC says about a refusal or a task, from its message registry (DSP0266 §8.6). */
export interface BmcMessage {
  /** e.g. Base.1.8.ActionParameterValueConflict */
  id: string
  text: string
}

const mostMessages = 5

/** A BMC's words as one line of bounded length, for a person. */
export function line(text: string, length = 200): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, length)
}

const text = z.string().catch('')

const message = z.object({ MessageId: text, Message: text })

export const messageList = z
  .array(message.catch({ MessageId: '', Message: '' }))
  .catch([])
  .transform((list): BmcMessage[] =>
    list
      .slice(0, mostMessages)
      .map((one) => ({ id: line(one.MessageId), text: line(one.Message) }))
      .filter((one) => one.id !== '' || one.text !== ''),
  )

const errorBody = z.object({
  error: z.object({
    code: text,
    message: text,
    '@Message.ExtendedInfo': messageList.prefault([]),
  }),
})

/** The messages of an error's body; empty if it is none of Redfish's. */
export function messagesOf(json: unknown): BmcMessage[] {
  const parsed = errorBody.safeParse(json)
  if (!parsed.success) return []
  const { error } = parsed.data
  const extended = error['@Message.ExtendedInfo']
  if (extended.length > 0) return extended
  const plain = { id: line(error.code), text: line(error.message) }
  return plain.id === '' && plain.text === '' ? [] : [plain]
}

export function wordsOf(messages: readonly BmcMessage[]): string {
  return messages.map((one) => (one.text === '' ? one.id : one.text)).join(' ')
}
