import type { Ask } from './exchange.ts'
import type { Http } from './http.ts'
import { isMaasError } from './http-errors.ts'
import type { Maas } from './types.ts'

type Tags = Pick<Maas, 'addTag' | 'removeTag'>

export function tags(http: Http): Tags {
  async function exists(tag: string): Promise<boolean> {
    try {
      await http.read({ what: `show tag ${tag}`, method: 'GET', path: tagPath(tag) })
      return true
    } catch (error) {
      if (isMaasError(error, [404])) return false
      throw error
    }
  }

  function update(tag: string, change: 'add' | 'remove', systemId: string): Ask {
    const what = `${change} tag ${tag} of machine ${systemId}`
    return { what, method: 'POST', path: tagPath(tag), op: 'update_nodes', form: [[change, systemId]] }
  }

  return {
    async addTag(lease, systemId, tag) {
      if (!(await exists(tag))) {
        const form = [
          ['name', tag] as const,
          ['comment', 'Marks machines that a Ferrule installation manages'] as const,
        ]
        await http
          .write(lease, { what: `create tag ${tag}`, method: 'POST', path: 'tags/', form })
          .catch(async (error: unknown) => {
            // Two enlistments at once: the other one created it, and MAAS says 400.
            if (!(isMaasError(error, [400]) && (await exists(tag)))) throw error
          })
      }
      await http.write(lease, update(tag, 'add', systemId))
    },

    async removeTag(lease, systemId, tag) {
      if (await exists(tag)) await http.write(lease, update(tag, 'remove', systemId))
    },
  }
}

function tagPath(tag: string): string {
  return `tags/${encodeURIComponent(tag)}/`
}
