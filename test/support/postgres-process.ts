import { startPostgres } from '../../src/postgres/launcher.ts'
import { testFolder } from '../../src/postgres/testing/test-folder.ts'

/** A test process that has a folder with a running PostgreSQL, and is to be killed: for the test of the sweep. */
const folder = testFolder('killed')
const { pid } = await startPostgres({ dataDir: folder, log: () => undefined })
process.send?.({ folder, pid })
// until it is killed
setInterval(() => undefined, 60_000)
