import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Schemas } from '../api/client.ts'
import { racksQuery } from '../api/queries.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { Loaded } from '../parts/problem.tsx'
import { words } from '../words.ts'

const text = words.racks

/** Part of a rack's name or of a switch's address, in the address of the page: a link leads to one switch. */
export interface RacksSearch {
  q?: string
}

export function readRacksSearch({ q }: Record<string, unknown>): RacksSearch {
  return typeof q === 'string' || typeof q === 'number' ? { q: String(q) } : {}
}

/** Some racks at a time, found by name or address. */
export function RackPages({
  of,
  empty,
  children,
}: {
  of: '/racks' | '/switches'
  empty: string
  children: (rack: Schemas['Rack'], text: string) => ReactNode
}) {
  const { q = '' } = readRacksSearch(useSearch({ strict: false }))
  const navigate = useNavigate({ from: of })
  const query = useInfiniteQuery(racksQuery(q))
  return (
    <>
      <div className="tools">
        <TextField
          label={text.filter}
          value={q}
          onChange={(next) => void navigate({ search: next === '' ? {} : { q: next }, replace: true })}
        />
      </div>
      <Loaded query={query} what={text.title}>
        {({ pages }) => {
          const racks = pages.flatMap(({ items }) => items)
          if (racks.length === 0) return <p>{q === '' ? empty : text.noMatch}</p>
          return <>{racks.map((rack) => children(rack, q))}</>
        }}
      </Loaded>
      {query.hasNextPage && (
        <p className="buttons">
          <Button
            why={query.isFetchingNextPage ? words.loading(text.title) : null}
            onClick={() => void query.fetchNextPage()}
          >
            {text.more}
          </Button>
        </p>
      )}
    </>
  )
}
