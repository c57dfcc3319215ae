// The page of one host's serial console. A ticket comes in the fragment of the link, which no server sees, or is asked
// for with an API token, which stays in this page.
import { Terminal } from '/console/xterm.mjs'

const PROTOCOL = 'ferrule.console.v1'
const AGAIN_MS = 2_000
/** What firmware and boot loaders take a serial terminal for; the line itself tells nobody its size. */
const COLUMNS = 80
const ROWS = 25
/** Of a character, by the size of its font. */
const WIDTH = 0.61
const HEIGHT = 1.2
const SMALLEST = 7
const LARGEST = 22
/** Of pasted text, so that no frame is too large. */
const SLICE = 16 * 1024

const part = (id) => document.getElementById(id)
const terminal = new Terminal({ cols: COLUMNS, rows: ROWS, scrollback: 5_000, fontSize: 14 })

let host = ''
let token = ''
let socket = null
/** What the server has told last; null: there is no connection. */
let state = null

const link = new URLSearchParams(location.hash.slice(1))
// a ticket opens once: it is of no use in the history
history.replaceState(
  null,
  '',
  location.pathname + (link.has('host') ? `#host=${encodeURIComponent(link.get('host'))}` : ''),
)

terminal.open(part('terminal'))
terminal.onData((text) => send(new TextEncoder().encode(text)))
terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))))
addEventListener('resize', scale)
part('take').addEventListener('click', take)
part('again').addEventListener('click', () => (state === null ? open() : take()))
part('ask').addEventListener('submit', (event) => {
  event.preventDefault()
  host = part('ask-host').value.trim()
  token = part('ask-token').value.trim()
  open()
})

if (link.has('ticket') && link.has('host')) {
  host = link.get('host')
  connect(link.get('ticket'))
} else {
  part('ask-host').value = link.get('host') ?? ''
  ask()
}

async function open() {
  say('connecting', 'Asking Ferrule')
  try {
    const answer = await fetch(`/api/v1/hosts/${encodeURIComponent(host)}/console`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    const body = await answer.json()
    if (answer.ok) return connect(body.ticket)
    ask()
    trouble(`${sentence(body.detail)} ${sentence(body.remedy)}`)
  } catch {
    lost('Ferrule does not answer.')
  }
}

function connect(ticket) {
  part('ask').hidden = true
  part('terminal').hidden = false
  scale()
  part('host').textContent = host
  document.title = `${host} – console – Ferrule`
  say('connecting', 'Asking Ferrule')
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const path = `/api/v1/hosts/${encodeURIComponent(host)}/console/stream`
  let opened = false
  socket = new WebSocket(`${scheme}://${location.host}${path}`, [PROTOCOL, `ferrule.ticket.${ticket}`])
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    opened = true
    // what was printed before comes again
    terminal.reset()
    terminal.focus()
  })
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') show(JSON.parse(data))
    else terminal.write(new Uint8Array(data))
  })
  socket.addEventListener('close', ({ code, reason }) => {
    state = null
    part('take').hidden = true
    part('writer').textContent = ''
    if (code === 1000) ended('Ended', reason)
    // in Ferrule's own words, with what to do
    else if (code >= 4000) refused(reason)
    else if (!opened && token === '')
      ended('Refused', 'The link was used already, or is older than a minute.')
    else lost(reason === '' ? 'The connection to Ferrule was lost.' : reason)
  })
}

/** By itself again where there is a token to ask with. */
function lost(why) {
  if (token === '') return ended('Not connected', why)
  say('retrying', 'Not connected')
  trouble(`${sentence(why)} It is tried again by itself.`)
  setTimeout(open, AGAIN_MS)
}

function refused(words) {
  say('lost', 'Refused')
  trouble(sentence(words), token === '' ? '' : 'Try again')
}

function ended(word, why) {
  say('lost', word)
  if (token !== '') return trouble(sentence(why), 'Open again')
  trouble(`${sentence(why)} Open the console again from where the link came from.`)
}

function show(told) {
  state = told
  const { line, viewers, writer, writing, mayWrite } = told
  const reason = sentence(line.reason)
  if (line.state === 'open') {
    say('open', 'Connected')
    trouble(`${reason} ${sentence(line.remedy)}`.trim())
  } else if (line.state === 'connecting') {
    say('connecting', 'Asking the BMC')
    trouble('')
  } else if (line.state === 'retrying') {
    say('retrying', 'No connection to the machine')
    trouble(`${reason} It is tried again by itself.`)
  } else if (line.state === 'taken') {
    say('taken', 'Taken by another tool')
    trouble(reason, mayWrite ? 'Take it over' : '')
  } else {
    say('failed', 'No console')
    trouble(`${reason} ${sentence(line.remedy)}`, mayWrite ? 'Try again' : '')
  }
  part('writer').textContent = [
    writing ? 'You type' : writer === null ? (mayWrite ? 'Nobody types yet' : '') : `${writer} types`,
    mayWrite ? '' : 'you only watch',
    viewers > 1 ? `${viewers - 1} more watch` : '',
  ]
    .filter((words) => words !== '')
    .join(', ')
    .replace(/^y/, 'Y')
  part('take').hidden = line.state !== 'open' || writing || writer === null || !mayWrite
}

function take() {
  socket?.send(JSON.stringify({ type: 'take' }))
  terminal.focus()
}

function send(bytes) {
  if (socket?.readyState !== WebSocket.OPEN) return
  if (!state?.mayWrite || !(state.writing || state.writer === null) || state.line.state !== 'open') refuse()
  for (let at = 0; at < bytes.length; at += SLICE) socket.send(bytes.subarray(at, at + SLICE))
}

/** Keys that get nowhere: shown where it stands who types. */
function refuse() {
  const { classList } = part('writer')
  classList.remove('refused')
  // read, so that the animation begins anew
  void part('writer').offsetWidth
  classList.add('refused')
}

function ask() {
  part('ask').hidden = false
  part('terminal').hidden = true
  say('none', 'Not connected')
  trouble('')
  part(part('ask-host').value === '' ? 'ask-host' : 'ask-token').focus()
}

function say(kind, words) {
  part('line').dataset.state = kind
  part('line').textContent = words
}

function trouble(words, again = '') {
  part('trouble').hidden = words === ''
  part('words').textContent = words
  part('again').hidden = again === ''
  part('again').textContent = again
  scale()
}

/** Reasons come with a full stop or without. */
function sentence(words) {
  if (!words) return ''
  const begun = words[0].toUpperCase() + words.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}

/** As large as the window lets all columns and rows be seen; below a readable size it is scrolled. */
function scale() {
  const { clientWidth, clientHeight } = part('terminal')
  if (clientWidth === 0) return
  const size = Math.min((clientWidth - 32) / (COLUMNS * WIDTH), (clientHeight - 16) / (ROWS * HEIGHT))
  terminal.options.fontSize = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(size * 2) / 2))
}
