import { body } from './client.ts'

interface Page<Item> {
  items: Item[]
  next: string | null
}

/** Every page after the other; `progress` is told after each but the last, so that a long list shows at once. */
export async function allPages<Item>(
  ask: (query: { limit: number; after?: string }) => Promise<{
    data?: Page<Item>
    error?: unknown
    response: Response
  }>,
  progress?: (items: Item[]) => void,
): Promise<Item[]> {
  const items: Item[] = []
  let after: string | null = null
  do {
    const page: Page<Item> = await body(ask({ limit: 500, ...(after === null ? {} : { after }) }))
    items.push(...page.items)
    after = page.next
    if (after !== null) progress?.([...items])
  } while (after !== null)
  return items
}
