import { mkdir, writeFile } from 'node:fs/promises'
import { openApiDocument } from './openapi-document.ts'

/** `npm run openapi`: writes the published document; the typed client is made from it. */
await mkdir('docs/reference', { recursive: true })
await writeFile('docs/reference/openapi.json', await openApiDocument())
