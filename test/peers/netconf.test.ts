import { afterAll, beforeAll } from 'vitest'
import { netconfRoom } from './support/netconf-room.ts'
import { type NetconfSwitch, startNetconfSwitch } from './support/netconf-switch.ts'
import type { OpenConfigRoom } from './support/openconfig-room.ts'
import { openConfigSuite } from './support/openconfig-suite.ts'

const started: NetconfSwitch[] = []
const rooms = new Map<string, OpenConfigRoom>()

const kinds = [
  ['candidate, confirmed commit and start-up configuration', 'candidate', ['--with-startup=true']],
  ['the running configuration alone', 'running', []],
] as const

beforeAll(async () => {
  for (const [name, target, more] of kinds) {
    const at = await startNetconfSwitch([`--target=${target}`, ...more])
    started.push(at)
    rooms.set(name, netconfRoom(at, target))
  }
})
afterAll(() => Promise.all(started.map((at) => at.stop())))

for (const [name] of kinds) {
  openConfigSuite(`netconfd with ${name}`, () => {
    const room = rooms.get(name)
    if (!room) throw new Error(`netconfd with ${name} was not started`)
    return room
  })
}
