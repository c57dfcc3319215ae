import type { PersonTopic } from '../../../../domain/person.ts'
import type { PersonDesk, PersonSettings } from '../desk.ts'

/** A desk in memory, with its own time, and the person who sits at it. */
export interface TestDesk extends PersonSettings {
  /** The question that stands. */
  question(topic: PersonTopic): string | null
  say(topic: PersonTopic, says: string): void
  /** Runs each time that somebody waits for a person: what the person does then. */
  onWait: () => void
  later(ms: number): void
  /** Null: no operation has the host. */
  holder: string | null
}

export function testDesk(): TestDesk {
  let now = 0
  const questions = new Map<PersonTopic, { text: string; at: number }>()
  const words = new Map<PersonTopic, { says: string; at: number }>()
  const desk: PersonDesk = {
    async look(_hostId, topic) {
      const word = words.get(topic)
      const question = questions.get(topic)
      if (word && word.at > (question?.at ?? -1))
        return { word: { says: word.says, ageMs: now - word.at }, question: null }
      return { word: null, question: question?.text ?? null }
    },
    async ask(_hostId, topic, text) {
      now += 1
      questions.set(topic, { text, at: now })
    },
    holder: async () => table.holder,
  }
  const table: TestDesk = {
    desk,
    waitMs: 1000,
    wordMs: 600,
    pollMs: 10,
    now: () => now,
    async sleep(ms) {
      now += ms
      table.onWait()
    },
    question: (topic) => {
      const question = questions.get(topic)
      return question && question.at >= (words.get(topic)?.at ?? -1) ? question.text : null
    },
    say(topic, says) {
      now += 1
      words.set(topic, { says, at: now })
    },
    onWait: () => undefined,
    later: (ms) => {
      now += ms
    },
    holder: 'operation-1',
  }
  return table
}
