import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { PortState, SwitchPorts } from '../../../src/drivers/switch/types.ts'
import type { OpenConfigRoom } from './openconfig-room.ts'
import { failure } from './ovs-room.ts'
import { access, heldSwitch, trunk } from './switch-lease.ts'

/** What every OpenConfig switch must do, whichever way it is spoken to: through the engine, judged on the switch. */
export function openConfigSuite(name: string, room: () => OpenConfigRoom): void {
  describe(name, () => {
    let ports: SwitchPorts
    const ensure = (port: string, state: PortState) =>
      ports.ensurePorts(heldSwitch('tor1'), new Map([[port, state]]))

    beforeEach(async () => {
      await room().reset()
      ports = room().open()
    })
    afterEach(() => ports.close())

    test('access to trunk and back: the whole set is written, and nothing else of the interface', async () => {
      const [changed] = await ensure('Ethernet1', trunk(201, 301, 302))
      expect(changed).toMatchObject({ before: access(200), after: trunk(201, 301, 302), changed: true })
      expect(await room().carries('Ethernet1')).toBe('201 t301,302')
      await ensure('Ethernet1', trunk(201, 302))
      expect(await room().carries('Ethernet1')).toBe('201 t302')
      await ensure('Ethernet1', access(10))
      expect(await room().carries('Ethernet1')).toBe('10')
      expect(await room().carries('Ethernet2')).toBe('200')
    })

    test('tenant A to tenant B on two ports at once; a repeat writes nothing', async () => {
      const a = new Map(['Ethernet1', 'Ethernet2'].map((port) => [port, trunk(201, 301)]))
      const b = new Map(['Ethernet1', 'Ethernet2'].map((port) => [port, trunk(401, 501, 502)]))
      await ports.ensurePorts(heldSwitch('tor1'), a)
      await ports.ensurePorts(heldSwitch('tor1'), b)
      expect([await room().carries('Ethernet1'), await room().carries('Ethernet2')]).toEqual(
        Array(2).fill('401 t501,502'),
      )
      const again = await ports.ensurePorts(heldSwitch('tor1'), b)
      expect(again.map(({ changed }) => changed)).toEqual([false, false])
    })

    test('release: access on the PXE VLAN, never "cleared"', async () => {
      await ensure('Ethernet1', trunk(201, 301))
      await ensure('Ethernet1', access(10))
      expect(await room().carries('Ethernet1')).toBe('10')
      expect((await ports.readPorts(['Ethernet1'])).get('Ethernet1')).toEqual(access(10))
    })

    test('a port that is shut is opened, and one that carries the right VLANs is only shut', async () => {
      await ensure('Ethernet1', { ...access(201), enabled: false })
      expect((await ports.readPorts(['Ethernet1'])).get('Ethernet1')).toEqual({
        ...access(201),
        enabled: false,
      })
      await ensure('Ethernet1', access(201))
      expect((await ports.readPorts(['Ethernet1'])).get('Ethernet1')).toEqual(access(201))
    })

    test('a port that the switch has not, one that the rack file has not, and a VLAN beyond the fence', async () => {
      expect(await failure(ports.readPorts(['Ethernet9']))).toMatchObject({ code: 'not-found' })
      expect(await failure(ensure('Ethernet3', access(201)))).toMatchObject({ code: 'port-fenced' })
      expect(await failure(ensure('Ethernet1', access(950)))).toMatchObject({ code: 'vlan-fenced' })
      expect(await room().carries('Ethernet1')).toBe('200')
      expect(await room().carries('Ethernet3')).toBe('200')
    })

    test('a lost answer is resolved by reading', async () => {
      room().loseNextAnswer()
      const [result] = await ensure('Ethernet1', trunk(201, 301))
      expect(result).toMatchObject({ changed: true, after: trunk(201, 301) })
      expect(await room().carries('Ethernet1')).toBe('201 t301')
    })

    test('somebody else changed the port before: the state is theirs until it is ours', async () => {
      await room().foreignEdit('Ethernet1', 333)
      const [result] = await ensure('Ethernet1', access(201))
      expect(result?.before).toEqual(access(333))
      expect(await room().carries('Ethernet1')).toBe('201')
    })

    test('a lease that is lost right before the write: nothing is written', async () => {
      const lost = heldSwitch('tor1', async () => {
        throw new Error('lease lost')
      })
      await expect(ports.ensurePorts(lost, new Map([['Ethernet1', access(201)]]))).rejects.toThrow(
        'lease lost',
      )
      expect(await room().carries('Ethernet1')).toBe('200')
    })

    test('a dry run writes nothing, and says it in the words of the model', async () => {
      const { changes } = await ports.plan(new Map([['Ethernet1', trunk(201, 301)]]))
      expect(changes).toHaveLength(1)
      expect(changes[0]?.lines.join('\n')).toMatch(
        /interface Ethernet1 switched-vlan = interface-mode TRUNK, .*-vlan 201/,
      )
      expect(await room().carries('Ethernet1')).toBe('200')
    })
  })
}
