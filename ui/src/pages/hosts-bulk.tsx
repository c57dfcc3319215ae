import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { body, client, once } from '../api/client.ts'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { words } from '../words.ts'
import type { Host } from './hosts-columns.tsx'

const text = words.hosts

const path = ({ id }: Host) => ({ path: { key: id } })
const actions = {
  erase: {
    title: text.erase,
    ask: text.eraseAsk,
    run: (host: Host) =>
      body(
        client.POST('/api/v1/hosts/{key}/erase', { params: { ...path(host), header: once() }, body: {} }),
      ).then(() => text.begun),
  },
  enforce: {
    title: text.enforce,
    ask: null,
    run: (host: Host) =>
      body(
        client.PATCH('/api/v1/hosts/{key}', { params: path(host), body: { powerPolicy: 'enforce' } }),
      ).then(() => text.done),
  },
  report: {
    title: text.report,
    ask: null,
    run: (host: Host) =>
      body(client.PATCH('/api/v1/hosts/{key}', { params: path(host), body: { powerPolicy: 'report' } })).then(
        () => text.done,
      ),
  },
  remove: {
    title: text.remove,
    ask: text.removeAsk,
    run: (host: Host) =>
      body(client.DELETE('/api/v1/hosts/{key}', { params: path(host) })).then(() => text.done),
  },
} as const

type Action = keyof typeof actions
// the keys of the object above
const order = Object.keys(actions) as Action[]

/** The same for many hosts, one after the other, each with what came of it. */
export function HostsBulk({ hosts, onDone }: { hosts: readonly Host[]; onDone: () => void }) {
  const queries = useQueryClient()
  const [asking, setAsking] = useState<Action | null>(null)
  const [results, setResults] = useState<{ host: string; said: string }[]>([])
  async function run(action: Action) {
    const said: typeof results = []
    for (const host of hosts) {
      const result = await actions[action].run(host).catch((error: Error) => error.message)
      said.push({ host: host.name, said: result })
      setResults([...said])
    }
    onDone()
    await queries.invalidateQueries()
  }
  return (
    <>
      <p className="buttons bulk">
        <span>{text.chosen(hosts.length)}</span>
        {order.map((action) => (
          <Button
            key={action}
            kind={action === 'erase' || action === 'remove' ? 'danger' : 'plain'}
            why={hosts.length === 0 ? text.noneChosen : null}
            onClick={() => (actions[action].ask === null ? void run(action) : setAsking(action))}
          >
            {actions[action].title}
          </Button>
        ))}
      </p>
      {results.length > 0 && (
        <details open>
          <summary>{text.results}</summary>
          <ul>
            {results.map(({ host, said }) => (
              <li key={host}>
                {host}: {said}
              </li>
            ))}
          </ul>
        </details>
      )}
      {asking !== null && (
        <Confirm
          title={text.bulk(actions[asking].title, hosts.length)}
          what={`${actions[asking].ask ?? ''} ${hosts.map(({ name }) => name).join(', ')}`}
          button={actions[asking].title}
          onClose={() => setAsking(null)}
          act={() => run(asking)}
        />
      )}
    </>
  )
}
