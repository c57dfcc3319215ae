import { setTimeout as pause } from 'node:timers/promises'
import type { Machine } from '../../lab/world/types.ts'
import { confirmByPerson } from '../../src/services/host-bmc.ts'
import { findHost } from '../../src/services/hosts.ts'
import type { Rig } from './rig.ts'
import { admin } from './rig.ts'

/** A person in the lab's room, who does what Ferrule asks for one host and says so. */
export interface Person {
  /** Every question that was answered, in order. */
  did: string[]
  leave(): Promise<void>
}

export function personFor(rig: Rig, name: string): Person {
  const { services } = rig.core
  const machine = rig.lab.world.machine(name)
  const did: string[] = []
  let here = true
  const work = (async () => {
    while (here) {
      await pause(50)
      const question = await findHost(services, name).then(
        ({ host }) => host.question,
        () => null,
      )
      if (!question) continue
      did.push(question.text)
      const device = act(machine, question.text)
      if (question.topic === 'power')
        await confirmByPerson(services, admin, name, { topic: 'power', says: machine.power() })
      else if (device) await confirmByPerson(services, admin, name, { topic: 'boot-device', says: device })
    }
  })()
  return {
    did,
    async leave() {
      here = false
      await work
    },
  }
}

function act(machine: Machine, question: string): 'network' | 'disk' | null {
  if (/^Switch .* on\./.test(question)) machine.powerOn()
  if (/^Switch .* off/.test(question)) machine.powerOff()
  if (/^Shut the system/.test(question)) machine.softOff()
  const device = /boot order .* to (network|disk)/.exec(question)?.[1]
  if (device !== 'network' && device !== 'disk') return null
  machine.bootFlags = { valid: true, persistent: true, efi: true, device }
  return device
}
