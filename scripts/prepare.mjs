/**
 * Makes the tree ready to run: installs the packages when node_modules does not match package-lock.json and builds
 * dist/ when a source changed. It needs nothing but node and npm, because it runs before anything is installed.
 * `--force` builds even if nothing changed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sources = [
  'src',
  'lab',
  'bench',
  'test/support',
  'test/peers/support',
  'tsconfig.json',
  'tsconfig.build.json',
]
/** The web interface has a build of its own, and knows of the rest only the types of the API. */
const uiSources = ['ui', 'src/api/client.generated.ts']

checkNode()
if (!isInstalled()) install()
await build({ force: process.argv.includes('--force') }).catch((error) => fail(error.message))

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`Ferrule needs Node 20.19 or newer; this is ${process.versions.node}.`)
}

/**
 * npm keeps a lock of what it really installed. Comparing the two locks, rather than dates, leaves a tree alone that a
 * checkout merely touched. Packages for other platforms are optional and may be absent.
 */
function isInstalled() {
  const installedLock = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedLock)) return false
  const wanted = readJson(join(root, 'package-lock.json')).packages
  const installed = readJson(installedLock).packages
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (entry.optional && installed[path] === undefined)) return true
    return installed[path]?.version === entry.version && existsSync(join(root, path))
  })
}

function install() {
  say('Installing packages …')
  // The npm that runs this script, so that the lock is read by one version only.
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']]
  run(command, [...args, '--no-progress', '--loglevel=error'], 'npm ci failed: see its message above.')
}

function isBuilt(folder, stamp) {
  const file = join(folder, '.stamp')
  return existsSync(file) && readFileSync(file, 'utf8') === stamp
}

/** Builds beside dist/ and swaps, so that a process that is starting never sees half a build. */
async function build({ force }) {
  const started = Date.now()
  const dist = join(root, 'dist')
  const [stamp, uiStamp] = [sourceStamp(sources), sourceStamp(uiSources)]
  const isCurrent = !force && isBuilt(dist, stamp)
  const isUiCurrent = !force && isBuilt(join(dist, 'ui'), uiStamp)
  if (isCurrent && isUiCurrent) return
  const fresh = join(root, `dist.${process.pid}`)
  const old = `${fresh}.old`
  try {
    // two compilers that do not need each other
    await Promise.all([
      isCurrent
        ? cpSync(dist, fresh, { recursive: true, filter: (path) => path !== join(dist, 'ui') })
        : compile(),
      isUiCurrent ? cpSync(join(dist, 'ui'), join(fresh, 'ui'), { recursive: true }) : bundle(),
    ])
    writeFileSync(join(fresh, '.stamp'), stamp)
    writeFileSync(join(fresh, 'ui', '.stamp'), uiStamp)
    if (existsSync(dist)) renameSync(dist, old)
    renameSync(fresh, dist)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
  say(`Built in ${((Date.now() - started) / 1000).toFixed(1)} s`)

  async function compile() {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    await runBeside([tsc, '-p', 'tsconfig.build.json', '--outDir', fresh], 'The build failed: see above.')
    for (const folder of ['src', 'lab']) copyAssets(join(root, folder), join(fresh, folder))
  }

  async function bundle() {
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
    await runBeside(
      [vite, 'build', 'ui', '--outDir', join(fresh, 'ui'), '--logLevel', 'warn'],
      'The build of the web interface failed: see above.',
    )
  }
}

/** What the compiler does not carry over: SQL, templates, data. */
function copyAssets(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    if (entry.isDirectory()) {
      if (entry.name !== 'fixtures') copyAssets(source, join(to, entry.name))
    } else if (!['.ts', '.md'].includes(extname(entry.name))) {
      mkdirSync(to, { recursive: true })
      cpSync(source, join(to, entry.name))
    }
  }
}

function sourceStamp(paths) {
  const hash = createHash('sha256')
  for (const source of paths) addToStamp(hash, source)
  return hash.digest('hex')
}

function addToStamp(hash, path) {
  const full = join(root, path)
  const stat = statSync(full, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (stat.isDirectory()) {
    for (const name of readdirSync(full).sort()) addToStamp(hash, `${path}/${name}`)
  } else if (!path.endsWith('.test.ts')) {
    hash.update(`${path} ${stat.mtimeMs} ${stat.size}\n`)
  }
}

function run(command, args, complaint) {
  // npm's and tsc's words go to stderr: the stdout of `npm run demo -- --json` is a report and nothing else.
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (done.status !== 0) fail(done.error ? `${complaint} (${done.error.message})` : complaint)
}

/** As `run`, without holding up what else is under way. */
async function runBeside(args, complaint) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] })
  const code = await new Promise((resolve) => {
    child.once('error', () => resolve(null))
    child.once('exit', resolve)
  })
  if (code !== 0) throw new Error(complaint)
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(1)
}
