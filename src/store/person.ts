import type { PersonTopic } from '../domain/person.ts'
import type { Queryable } from './database.ts'

/** Questions to a person and their answers. All times are the database's. */
export function createPersonDesk(db: Queryable) {
  return {
    /** A question of an operation that is over stands no longer; what was said before it does not count all the same. */
    async look(
      hostId: string,
      topic: PersonTopic,
    ): Promise<{ word: { says: string; ageMs: number } | null; question: string | null }> {
      const { rows } = await db.query<{
        question: string | null
        says: string | null
        age: string
        answered: boolean | null
      }>(
        `select case when asked_for = hold.operation_id then question end as question, says,
           extract(epoch from clock_timestamp() - said_at) * 1000 as age,
           said_at > coalesce(asked_at, '-infinity') as answered
         from person_word left join hold using (host_id) where host_id = $1 and topic = $2`,
        [hostId, topic],
      )
      const row = rows[0]
      if (row?.answered && row.says !== null)
        return { word: { says: row.says, ageMs: Number(row.age) }, question: null }
      return { word: null, question: row?.question ?? null }
    },

    /** The same question again stays as old as it is, so that an answer that is on its way still counts. */
    async ask(hostId: string, topic: PersonTopic, question: string, operationId: string): Promise<void> {
      await db.query(
        `insert into person_word (host_id, topic, question, asked_for, asked_at) values ($1, $2, $3, $4, clock_timestamp())
         on conflict (host_id, topic) do update
           set question = excluded.question, asked_for = excluded.asked_for, asked_at = excluded.asked_at
           where not (person_word.question is not distinct from excluded.question
             and person_word.asked_for is not distinct from excluded.asked_for
             and coalesce(person_word.said_at, '-infinity') <= person_word.asked_at)`,
        [hostId, topic, question, operationId],
      )
    },

    async holder(hostId: string): Promise<string | null> {
      const { rows } = await db.query<{ operation_id: string }>(
        'select operation_id from hold where host_id = $1',
        [hostId],
      )
      return rows[0]?.operation_id ?? null
    },
  }
}

export async function sayWord(
  db: Queryable,
  hostId: string,
  topic: PersonTopic,
  says: string,
  by: string,
): Promise<void> {
  await db.query(
    `insert into person_word (host_id, topic, says, said_by, said_at) values ($1, $2, $3, $4, clock_timestamp())
     on conflict (host_id, topic) do update set says = excluded.says, said_by = excluded.said_by, said_at = excluded.said_at`,
    [hostId, topic, says, by],
  )
}
