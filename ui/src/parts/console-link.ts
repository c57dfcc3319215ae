import { body, client } from '../api/client.ts'

/** The console is a page of its own, opened by a ticket that stands in the fragment and opens once. */
export async function openConsole(host: string): Promise<void> {
  // before anything is waited for, or the browser takes it for a pop-up that nobody asked for
  const page = window.open('about:blank', '_blank')
  try {
    const { ticket } = await body(
      client.POST('/api/v1/hosts/{key}/console', { params: { path: { key: host } } }),
    )
    const address = `/console#host=${encodeURIComponent(host)}&ticket=${encodeURIComponent(ticket)}`
    if (page === null) location.assign(address)
    else page.location.replace(address)
  } catch (error) {
    page?.close()
    throw error
  }
}
