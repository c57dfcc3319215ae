import { type UseQueryResult, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Button } from '../parts/button.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Loaded, Refusal } from '../parts/problem.tsx'
import { Wide } from '../parts/wide.tsx'
import { words } from '../words.ts'

const text = words.catalogue

/** What a record says, as columns of the list and as facts on its page. */
export type Columns<Item> = readonly (readonly [string, (item: Item) => ReactNode])[]

export interface Named {
  id: string
  name: string
}

/** Networks, templates and offerings are records alone: a list, a form, and a removal that the API may refuse. */
export function Catalogue<Item extends Named>({
  title,
  of,
  add,
  query,
  columns,
  form,
  create,
  created,
  remove,
  removeWhat,
}: {
  title: string
  /** Where the page of each is. */
  of: '/networks/$name' | '/templates/$name' | '/offerings/$name'
  add: string
  query: UseQueryResult<Item[], Error>
  /** Beside its name. */
  columns: Columns<Item>
  /** The fields; what they hold is the page's own. */
  form: ReactNode
  create: () => Promise<unknown>
  /** It is made: the fields are for the next one. */
  created: () => void
  remove: (item: Item) => Promise<unknown>
  removeWhat: string
}) {
  const queries = useQueryClient()
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<Item | null>(null)
  const [error, setError] = useState<Error | null>(null)
  const head = useRef<HTMLDivElement>(null)
  const removed = useRef(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus is lost when the list comes without the row
  useEffect(() => {
    if (!removed.current || document.activeElement !== document.body) return
    removed.current = false
    head.current?.querySelector('button')?.focus()
  }, [query.data])
  function begin() {
    // what an earlier try was refused for says nothing of this one
    setError(null)
    setAdding(true)
  }
  async function submit() {
    setError(null)
    try {
      await create()
      created()
      setAdding(false)
      await queries.invalidateQueries()
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)))
    }
  }
  return (
    <>
      <div className="head" ref={head}>
        <h1>{title}</h1>
        <Button kind="primary" onClick={begin}>
          {add}
        </Button>
      </div>
      <Loaded query={query} what={title}>
        {(items) =>
          items.length === 0 ? (
            <p>{text.empty}</p>
          ) : (
            <Wide label={title}>
              <table>
                <thead>
                  <tr>
                    {[text.name, ...columns.map(([name]) => name)].map((name) => (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    ))}
                    <th scope="col">{text.remove}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((item) => (
                    <tr key={item.id}>
                      <td>
                        <Link to={of} params={{ name: item.name }}>
                          {item.name}
                        </Link>
                      </td>
                      {columns.map(([name, cell]) => (
                        <td key={name}>{cell(item)}</td>
                      ))}
                      <td>
                        <button
                          type="button"
                          className="button danger"
                          aria-label={`${text.remove} ${item.name}`}
                          onClick={() => setRemoving(item)}
                        >
                          {text.remove}
                        </button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Wide>
          )
        }
      </Loaded>
      {adding && (
        <Dialog title={add} onClose={() => setAdding(false)}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              void submit()
            }}
          >
            {form}
            {error && <Refusal error={error} />}
            <p className="buttons">
              <Button submit kind="primary">
                {text.create}
              </Button>
            </p>
          </form>
        </Dialog>
      )}
      {removing !== null && (
        <Confirm
          title={text.removeTitle(removing.name)}
          what={`${removeWhat} ${text.inUse}`}
          button={text.remove}
          onClose={() => setRemoving(null)}
          act={async () => {
            await remove(removing)
            removed.current = true
          }}
        />
      )}
    </>
  )
}
