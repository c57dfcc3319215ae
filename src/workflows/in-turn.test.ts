import { expect, test } from 'vitest'
import { chooseInTurn, Turns } from './in-turn.ts'

/** Work that ends when it is told to. */
function piece(log: string[], name: string) {
  let end: (error?: Error) => void = () => undefined
  const work = () =>
    new Promise<string>((resolve, reject) => {
      log.push(`${name} begins`)
      end = (error) => {
        log.push(`${name} ends`)
        if (error) reject(error)
        else resolve(name)
      }
    })
  return { work, end: (error?: Error) => end(error) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('one piece of work runs at a time, in order, also after one that failed', async () => {
  const log: string[] = []
  const turns = new Turns()
  const [first, second, third] = [piece(log, 'first'), piece(log, 'second'), piece(log, 'third')]
  const results = [first, second, third].map(({ work }) => turns.take(work))
  const failure = expect(results[0]).rejects.toThrow('broken')
  await settled()
  expect(log).toEqual(['first begins'])
  first.end(new Error('broken'))
  await failure
  await settled()
  second.end()
  expect(await results[1]).toBe('second')
  await settled()
  third.end()
  expect(await results[2]).toBe('third')
  expect(log).toEqual([
    'first begins',
    'first ends',
    'second begins',
    'second ends',
    'third begins',
    'third ends',
  ])
})

test('those of another database wait for nobody', async () => {
  const log: string[] = []
  const [here, there] = [piece(log, 'here'), piece(log, 'there')]
  const first = chooseInTurn({}, here.work)
  const second = chooseInTurn({}, there.work)
  await settled()
  expect(log).toEqual(['here begins', 'there begins'])
  there.end()
  here.end()
  expect(await Promise.all([first, second])).toEqual(['here', 'there'])
})
