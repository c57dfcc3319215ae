/** Writes docs/reference/cli.md from the commands themselves: `npm run docs:cli`. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createProgram } from '../dist/src/cli/program.js'
import { cliReference } from './cli-reference-text.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
writeFileSync(join(root, 'docs', 'reference', 'cli.md'), cliReference(createProgram('')))
