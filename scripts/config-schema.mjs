/** Writes docs/reference/ferrule.schema.json, which editors check ferrule.yaml against, from the schema that validates. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configJsonSchema } from '../dist/src/config/schema.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const file = join(root, 'docs', 'reference', 'ferrule.schema.json')
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
