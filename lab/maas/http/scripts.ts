import { parse } from 'yaml'
import type { Script } from '../model.ts'
import { renderScript } from '../render/results.ts'
import { isRecord } from '../run-scripts.ts'
import { type Answer, badRequest, invalid, json, notFound, plain } from './answer.ts'
import type { Call, Resource } from './call.ts'
import type { Form } from './form.ts'

const TYPES: Record<string, number> = { commissioning: 0, testing: 2, test: 2, release: 3 }
const HARDWARE: Record<string, number> = { node: 0, cpu: 1, memory: 2, storage: 3, network: 4 }

export const scriptResources: Resource[] = [
  {
    name: 'NodeScriptsHandler',
    path: 'scripts/',
    handlers: {
      GET: ({ region, query }) => {
        const type = query.get('type')
        const wanted = type === undefined ? undefined : (TYPES[type] ?? Number(type))
        const scripts = region.state.scripts.filter(
          (script) => wanted === undefined || script.type === wanted,
        )
        return json(scripts.map(renderScript))
      },
      POST: create,
    },
  },
  {
    name: 'NodeScriptHandler',
    // The one resource whose address has no slash at its end.
    path: 'scripts/{name}',
    handlers: {
      GET: (call) => json(renderScript(scriptOf(call))),
      'GET download': (call) => plain(scriptOf(call).content),
      PUT: update,
      DELETE: (call) => {
        const script = scriptOf(call)
        if (script.builtin) throw badRequest('Unable to delete default script')
        call.region.state.scripts = call.region.state.scripts.filter((one) => one !== script)
        return plain('', 204)
      },
    },
  },
]

/** By name or id. */
function scriptOf({ region, params }: Call): Script {
  const wanted = decodeURIComponent(params[0] ?? '')
  const script = region.state.scripts.find((one) => one.name === wanted || String(one.id) === wanted)
  if (script === undefined) throw notFound('Script')
  return script
}

/** The fields of the request go over those of the metadata in the script's own comments. */
function create(call: Call): Answer {
  const { region, form } = call
  const content = form.get('script') ?? ''
  if (content === '') throw invalid({ script: ['This field is required.'] })
  const meta = embedded(form, content)
  const name = form.get('name') || text(meta.name)
  if (name === '') throw invalid({ name: ['This field is required.'] })
  if (region.state.scripts.some((script) => script.name === name)) {
    throw invalid({ name: ['Script with this Name already exists.'] })
  }
  if (/^maas-|^\d\d-maas-/.test(name)) throw invalid({ name: [`"${name}" is a reserved name.`] })
  const id = region.nextId('script')
  const script: Script = {
    id,
    revision: id,
    name,
    title: '',
    description: '',
    type: 2,
    hardwareType: 0,
    timeoutSeconds: 0,
    parameters: {},
    packages: {},
    tags: [],
    content,
    builtin: false,
    created: region.now(),
    comment: '',
  }
  apply(call, script, meta)
  region.state.scripts.push(script)
  return json(renderScript(script))
}

function update(call: Call): Answer {
  const script = scriptOf(call)
  if (script.builtin) throw badRequest('Not allowed to change on default scripts.')
  const content = call.form.get('script')
  if (content !== undefined) {
    script.content = content
    script.revision = call.region.nextId('script')
    script.created = call.region.now()
  }
  apply(call, script, content === undefined ? {} : embedded(call.form, content))
  return json(renderScript(script))
}

function apply({ form }: Call, script: Script, meta: Record<string, unknown>): void {
  const type = form.get('type') ?? form.get('script_type') ?? meta.type ?? meta.script_type
  if (type !== undefined) script.type = known(TYPES, type, 'script_type')
  const hardware = form.get('hardware_type') ?? meta.hardware_type
  if (hardware !== undefined) script.hardwareType = known(HARDWARE, hardware, 'hardware_type')
  const timeout = form.get('timeout') ?? meta.timeout
  if (timeout !== undefined) script.timeoutSeconds = seconds(text(timeout))
  script.title = form.get('title') ?? (text(meta.title) || script.title)
  script.description = form.get('description') ?? (text(meta.description) || script.description)
  script.comment = form.get('comment') ?? script.comment
  if (isRecord(meta.parameters)) script.parameters = meta.parameters
  if (isRecord(meta.packages)) script.packages = meta.packages
  const tags = form.get('tags') ?? (Array.isArray(meta.tags) ? meta.tags.join(',') : text(meta.tags))
  if (tags !== '') script.tags = tags.split(/[ ,]+/)
}

function known(table: Record<string, number>, value: unknown, field: string): number {
  const found =
    table[text(value)] ?? (Object.values(table).includes(Number(value)) ? Number(value) : undefined)
  if (found !== undefined) return found
  throw invalid({ [field]: [`Select a valid choice. ${text(value)} is not one of the available choices.`] })
}

/** Seconds, or H:MM:SS. */
function seconds(value: string): number {
  return value.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}

/** What a script says of itself may be said again in the form only letter for letter (maasserver/forms/script.py). */
function embedded(form: Form, content: string): Record<string, unknown> {
  const meta = metadata(content)
  for (const [key, value] of Object.entries(meta)) {
    const said = form.get(key === 'script_type' && form.has('type') ? 'type' : key)
    if (said === undefined || typeof value === 'object' || said === text(value)) continue
    throw invalid({ [key]: ['May not override values defined in embedded YAML'] })
  }
  return meta
}

/** The YAML between the marks in a script's comments (MAAS 1.0 script metadata). */
function metadata(content: string): Record<string, unknown> {
  const block =
    /# --- Start MAAS 1\.0 script metadata ---\n([\s\S]*?)# --- End MAAS 1\.0 script metadata ---/.exec(
      content,
    )
  if (block?.[1] === undefined) return {}
  try {
    const parsed: unknown = parse(block[1].replaceAll(/^# ?/gm, ''))
    return isRecord(parsed) ? parsed : {}
  } catch {
    throw invalid({ script: ['Invalid YAML in the script metadata.'] })
  }
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value)
}
