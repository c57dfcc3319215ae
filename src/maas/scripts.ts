import type { Ask } from './exchange.ts'
import type { Http } from './http.ts'
import { isMaasError } from './http-errors.ts'
import type { Maas } from './types.ts'

type Scripts = Pick<Maas, 'ensureScript'>

/** MAAS runs what it holds under the name, so the text itself is compared, not a version. */
export function scripts(http: Http): Scripts {
  async function stored(name: string): Promise<string | null> {
    try {
      return (
        await http.read({
          what: `show script ${name}`,
          method: 'GET',
          path: scriptPath(name),
          op: 'download',
        })
      ).body
    } catch (error) {
      if (isMaasError(error, [404])) return null
      throw error
    }
  }

  return {
    async ensureScript({ name, type, content, timeoutSeconds }) {
      const current = await stored(name)
      if (current === content) return
      // What a script says of itself in its metadata must not be said again: MAAS refuses a form that differs by a letter.
      const described = content.includes('Start MAAS 1.0 script metadata')
      const form = [
        ['name', name] as const,
        ['comment', 'Uploaded by Ferrule'] as const,
        ...(described ? [] : [['type', type] as const, ['timeout', String(timeoutSeconds)] as const]),
      ]
      const common: Pick<Ask, 'form' | 'file'> = { form, file: { field: 'script', name, content } }
      const create: Ask = { what: `create script ${name}`, method: 'POST', path: 'scripts/', ...common }
      const update: Ask = { what: `update script ${name}`, method: 'PUT', path: scriptPath(name), ...common }
      await http.write(null, current === null ? create : update).catch(async (error: unknown) => {
        // Two erases at once: the other one uploaded it, and MAAS says 400.
        if (!(isMaasError(error, [400]) && (await stored(name)) === content)) throw error
      })
    },
  }
}

/** Without the trailing slash that MAAS's other resources have (its own resource_uri says so). */
function scriptPath(name: string): string {
  return `scripts/${encodeURIComponent(name)}`
}
