// The page of one host's serial console. A ticket comes in the fragment of the link, which no server sees, or is asked
// for with an API token, which stays in this page.
import { Terminal } from '/console/xterm.mjs'

const PROTOCOL = 'ferrule.console.v1'
const AGAIN_MS = 2_000
const COLUMNS = 80
const ROWS = 25

const part = (id) => document.getElementById(id)
const terminal = new Terminal({ cols: COLUMNS, rows: ROWS, scrollback: 5_000, convertEol: false })
terminal.open(part('terminal'))

let host = ''
let token = ''
let socket = null

const link = new URLSearchParams(location.hash.slice(1))
// a ticket opens once: it is of no use in the history
history.replaceState(
  null,
  '',
  location.pathname + (link.has('host') ? `#host=${encodeURIComponent(link.get('host'))}` : ''),
)
if (link.has('ticket') && link.has('host')) {
  host = link.get('host')
  connect(link.get('ticket'))
} else {
  part('ask-host').value = link.get('host') ?? ''
  askForToken('')
}

part('ask').addEventListener('submit', (event) => {
  event.preventDefault()
  host = part('ask-host').value.trim()
  token = part('ask-token').value.trim()
  open()
})
part('take').addEventListener('click', () => {
  socket?.send(JSON.stringify({ type: 'take' }))
  terminal.focus()
})
terminal.onData((text) => send(new TextEncoder().encode(text)))
terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))))

function send(bytes) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(bytes)
}

async function open() {
  say('Asking for a ticket…')
  try {
    const answer = await fetch(`/api/v1/hosts/${encodeURIComponent(host)}/console`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    const body = await answer.json()
    if (answer.ok) return connect(body.ticket)
    return askForToken(`${body.detail}. ${body.remedy}`)
  } catch {
    again('Ferrule does not answer')
  }
}

function connect(ticket) {
  part('ask').hidden = true
  part('host').textContent = `Console of ${host}`
  document.title = `${host} – console – Ferrule`
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const path = `/api/v1/hosts/${encodeURIComponent(host)}/console/stream`
  socket = new WebSocket(`${scheme}://${location.host}${path}`, [PROTOCOL, `ferrule.ticket.${ticket}`])
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    // what was printed before comes again
    terminal.reset()
    terminal.focus()
  })
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') show(JSON.parse(data))
    else terminal.write(new Uint8Array(data))
  })
  socket.addEventListener('close', ({ code, reason }) => {
    part('take').hidden = true
    part('writer').textContent = ''
    if (code === 1000) return say(`Ended: ${reason}.`)
    again(reason === '' ? 'The connection was lost' : reason)
  })
}

function again(why) {
  if (token === '') return say(`${why}. Open the console again from where the link came from.`)
  say(`${why}. Trying again…`)
  setTimeout(open, AGAIN_MS)
}

function show({ line, viewers, writer, writing }) {
  const words = {
    connecting: 'Asking the BMC for the console…',
    open: 'Connected.',
    retrying: `The BMC does not answer: ${line.reason} It is asked again by itself.`,
    taken: `Another tool has this console: ${line.reason}`,
    failed: `${line.reason} ${line.remedy ?? ''}`,
  }
  say(words[line.state] ?? line.state)
  const others = viewers === 1 ? 'nobody else watches' : `${viewers - 1} more watch`
  part('writer').textContent = writing
    ? `You type; ${others}.`
    : writer === null
      ? `Nobody types; ${others}.`
      : `${writer} types; ${others}.`
  part('take').hidden = writing && line.state === 'open'
  part('take').textContent = line.state === 'taken' ? 'Take it over' : 'Type here'
}

function askForToken(why) {
  part('ask').hidden = false
  part('refused').textContent = why
  say('Not connected.')
}

function say(text) {
  part('line').textContent = text
}
