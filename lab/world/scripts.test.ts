import { describe, expect, test } from 'vitest'
import { SparseDisk } from './disk.ts'
import { runOnDisks } from './scripts.ts'

const never = new AbortController().signal

function disks(): [SparseDisk, SparseDisk] {
  return [
    new SparseDisk({ name: 'sda', serial: 'S1', model: 'LAB SSD 480', size: 480e9 }),
    new SparseDisk({ name: 'sdb', serial: 'S2', model: 'LAB SSD 960', size: 960e9 }),
  ]
}

function shell(
  of: readonly SparseDisk[],
  body: string,
  args: string[] = [],
  env: Record<string, string> = {},
) {
  return runOnDisks(of, `#!/bin/sh\nset -eu\n${body}\n`, args, env, never)
}

describe('a script on the disks of a machine', () => {
  test('finds the disks by lsblk in the columns it asks for', async () => {
    const ran = await shell(
      disks(),
      'lsblk -d -n -b -o NAME,SERIAL,SIZE,TYPE,RO,ROTA,TRAN\nlsblk -dnbo PATH,SIZE',
    )
    expect(ran).toEqual({
      exit: 0,
      stderr: '',
      stdout:
        'sda S1 480000000000 disk 0 0 sata\nsdb S2 960000000000 disk 0 0 sata\n' +
        '/dev/sda 480000000000\n/dev/sdb 960000000000\n',
    })
  })

  test('lsblk speaks JSON with the types of util-linux, and pairs', async () => {
    const [sda] = disks()
    const json = await shell([sda], 'lsblk -J -b -d -o NAME,PATH,MODEL,SIZE,RO,FSTYPE')
    expect(JSON.parse(json.stdout)).toEqual({
      blockdevices: [
        { name: 'sda', path: '/dev/sda', model: 'LAB SSD 480', size: 480e9, ro: false, fstype: null },
      ],
    })
    const pairs = await shell([sda], 'lsblk -P -o NAME,MODEL,SIZE /dev/sda')
    expect(pairs.stdout).toBe('NAME="sda" MODEL="LAB SSD 480" SIZE="447G"\n')
  })

  test('samples blocks with dd, takes arguments and environment, and changes nothing', async () => {
    const [sda] = disks()
    sda.write(240e9, Buffer.from('TENANT-DATA'))
    const before = sda.hash()
    const ran = await shell(
      [sda],
      'disk=$(lsblk -dno PATH)\nblockdev --getsize64 "$disk"\n' +
        'dd if="$disk" bs=512 skip=$((240000000000 / 512)) count=1 status=none | tr -d "\\0"\necho "$1 $MODE"',
      ['first'],
      { MODE: 'sample' },
    )
    expect(ran).toMatchObject({ exit: 0, stdout: '480000000000\nTENANT-DATAfirst sample\n' })
    expect(sda.hash()).toBe(before)
  })

  test('what it writes is on the disk, and what it zeroes or punches out is gone', async () => {
    const [sda, sdb] = disks()
    sda.write(1_000_000, Buffer.from('old'))
    sda.write(400e9, Buffer.from('other'))
    sdb.write(5, Buffer.from('untouched'))
    const ran = await shell(
      [sda, sdb],
      'dd if=/dev/zero of=/dev/sda bs=1M count=2 conv=notrunc status=none\n' +
        'printf new | dd of=/dev/sda bs=1 seek=300000000000 conv=notrunc status=none\n' +
        'fallocate -p -o 399999959040 -l 131072 /dev/sda',
    )
    expect(ran).toEqual({ exit: 0, stdout: '', stderr: '' })
    expect(sda.read(300e9, 3).toString()).toBe('new')
    expect(sda.contains(Buffer.from('old'))).toBe(false)
    expect(sda.contains(Buffer.from('other'))).toBe(false)
    expect(sdb.read(5, 9).toString()).toBe('untouched')
  })

  test('a lying disk takes its writes and keeps its contents', async () => {
    const [sda] = disks()
    sda.write(0, Buffer.from('kept'))
    sda.readOnly = true
    await shell([sda], 'dd if=/dev/zero of=/dev/sda bs=4k count=1 conv=notrunc status=none')
    expect(sda.read(0, 4).toString()).toBe('kept')
  })

  test('never meets a device of this computer, and no NVMe', async () => {
    const ran = await shell(
      [],
      'set +e\ntest -e /dev/sda; echo $?\nnvme list; echo $?\necho x >/dev/null; echo $?',
    )
    expect(ran.stdout).toBe('1\n1\n0\n')
  })

  test('runs python3 by its first line and hands back the exit', async () => {
    const [sda] = disks()
    const ran = await runOnDisks(
      [sda],
      '#!/usr/bin/env python3\nimport sys\nprint(open("/dev/sda","rb").read(4))\nsys.exit(3)\n',
      [],
      {},
      never,
    )
    expect(ran).toEqual({ exit: 3, stdout: "b'\\x00\\x00\\x00\\x00'\n", stderr: '' })
  })

  test('dies with the power, and what was written until then is on the disk', async () => {
    const [sda] = disks()
    const power = new AbortController()
    const running = runOnDisks(
      [sda],
      '#!/bin/sh\nprintf half | dd of=/dev/sda conv=notrunc status=none\nsleep 30\n',
      [],
      {},
      power.signal,
    )
    setTimeout(() => power.abort(new Error('power lost')), 500)
    await expect(running).rejects.toThrow('power lost')
    expect(sda.read(0, 4).toString()).toBe('half')
  })
})
