import { failed } from '../api/api-error.ts'
import type { Command } from '../api/command.ts'
import { LIST_PARAMS, listed } from '../api/command.ts'
import { findFor } from '../find.ts'

/** The rack configuration of the old baremetal plugin: one for each installation, valid if it can be read as JSON. */
export const baremetalCommands: Command[] = [
  {
    name: 'addBaremetalRct',
    description: 'adds baremetal rack configuration text',
    params: { baremetalrcturl: 'string!' },
    begin(cloud, params) {
      const url = params.must('baremetalrcturl')
      return {
        async work() {
          if (cloud.state.rcts.length > 0) throw failed('there is some RCT existing. A RCT per deployment')
          await readable(url)
          cloud.alive()
          const rct = { id: cloud.newId(), url }
          cloud.state.rcts.push(rct)
          cloud.touch()
          return { baremetalrct: rct }
        },
      }
    },
  },
  {
    name: 'listBaremetalRct',
    description: 'list baremetal rack configuration',
    params: LIST_PARAMS,
    run: ({ state }, params) => listed('baremetalrct', state.rcts, params),
  },
  {
    name: 'deleteBaremetalRct',
    description: 'deletes baremetal rack configuration text',
    params: { id: 'uuid!' },
    begin(cloud, params) {
      const { state } = cloud
      const rct = findFor(state.rcts, 'deleteBaremetalRct', 'id', params.must('id'))
      return {
        async work() {
          state.rcts = state.rcts.filter(({ id }) => id !== rct.id)
          cloud.touch()
          return { success: true }
        },
      }
    },
  },
]

async function readable(url: string): Promise<void> {
  try {
    JSON.parse(await (await fetch(url)).text())
  } catch (error) {
    throw failed(`${url} is illegal, it's not a rack configuration: ${String(error)}`)
  }
}
