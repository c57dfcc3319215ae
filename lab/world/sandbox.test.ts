import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refusal } from './confine.ts'
import { runInSystem } from './sandbox.ts'
import { STAND_INS } from './stand-ins.ts'

const never = new AbortController().signal
const sh = (files: Record<string, string>, body: string) => runInSystem(files, `#!/bin/sh\n${body}\n`, never)

describe('a script of an installed system', () => {
  test('changes, makes and removes files of the system', async () => {
    const ran = await sh(
      { '/etc/cloud/a.cfg': 'datasource_list: [ MAAS ]\n', '/etc/b': 'gone' },
      'sed -i "s/MAAS/CloudStack/" /etc/cloud/a.cfg\nrm /etc/b\nmkdir -p /opt/x\necho "see /etc/cloud/a.cfg" >/opt/x/note\ncat /opt/x/note',
    )
    expect(ran).toMatchObject({ exit: 0, power: null, output: 'see /etc/cloud/a.cfg\n' })
    expect(ran.files).toEqual({
      '/etc/cloud/a.cfg': 'datasource_list: [ CloudStack ]\n',
      '/opt/x/note': 'see /etc/cloud/a.cfg\n',
    })
  })

  test('cannot touch the real path of the same name, nor through a script that it wrote before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ferrule-lab-real-'))
    const real = join(folder, 'precious')
    writeFileSync(real, 'precious')
    try {
      const direct = await sh({}, `rm -f ${real}`)
      const written = await sh({ '/usr/local/bin/step': `#!/bin/sh\nrm -f ${real}\n` }, '/usr/local/bin/step')
      expect([direct.exit, written.exit]).toEqual([0, 0])
      expect(readFileSync(real, 'utf8')).toBe('precious')
      expect(written.files['/usr/local/bin/step']).toBe(`#!/bin/sh\nrm -f ${real}\n`)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test.each([
    ['rm -rf /proc/x', 'names /proc/x'],
    ['rm -rf /', 'names / itself'],
    ['cd / && ls', 'names / itself'],
    ['rm -rf /*', 'names / itself'],
    ['cat ../../etc/passwd', 'climbs'],
    ['rm -rf "$ROOT"/etc/x', 'when the variable is empty'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the shell's
    ['rm -rf ${ROOT}/var', 'when the variable is empty'],
    ['/usr/bin/dd if=/dev/sda', 'names /usr/bin/dd'],
    ['echo x >/dev/sda', 'names /dev/sda'],
  ])('is refused when it says: %s', async (body, why) => {
    const ran = await sh({ '/etc/a': '1' }, body)
    expect(ran.refused).toContain(why)
    expect(ran).toMatchObject({ exit: 126, files: { '/etc/a': '1' } })
  })

  test.each([
    'curl -s http://10.0.0.1/latest/meta-data >/dev/null 2>&1',
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    "sed -i 's|a/b|c/d|' /etc/x",
    '/sbin/poweroff',
    'for f in /etc/netplan/*.yaml; do echo "$f"; done',
  ])('is not refused for: %s', (body) => {
    expect(refusal(`#!/bin/sh\n${body}\n`, STAND_INS)).toBeNull()
  })

  test('power is asked of the machine, not of this computer, also by full path and with a PATH of its own', async () => {
    expect((await sh({}, 'poweroff')).power).toBe('poweroff')
    expect((await sh({}, 'PATH=/usr/sbin:/usr/bin:/sbin:/bin\nshutdown -r now')).power).toBe('reboot')
    expect((await sh({}, '/usr/bin/systemctl poweroff')).power).toBe('poweroff')
    expect((await sh({}, 'systemctl restart systemd-networkd')).power).toBe(null)
  })

  test('cloud-init clean forgets the instance and the logs, and keeps everything else', async () => {
    const files = {
      '/var/lib/cloud/instance/obj.pkl': '{}',
      '/var/lib/cloud/instances/i/sem/config_scripts_user': '',
      '/var/lib/cloud/seed/nocloud/meta-data': 'x',
      '/var/log/cloud-init-output.log': 'log',
      '/etc/netplan/50-cloud-init.yaml': 'network: {}',
    }
    const ran = await sh(files, 'cloud-init clean --logs')
    expect(Object.keys(ran.files).sort()).toEqual([
      '/etc/netplan/50-cloud-init.yaml',
      '/var/lib/cloud/seed/nocloud/meta-data',
    ])
  })

  test('a background child does not outlive it', async () => {
    const ran = await sh({}, '(sleep 20; echo late) &\necho "$!"')
    expect(ran.output).toMatch(/^\d+\n$/)
    expect(existsSync(`/proc/${ran.output.trim()}/exe`)).toBe(false)
  })
})
