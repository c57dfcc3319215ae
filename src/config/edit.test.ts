import { describe, expect, test } from 'vitest'
import { configDiff, editConfig, inFile } from './edit.ts'

const file = `# Ours: ask the network team before you change it.
external.baremetal.system.url: "MaasIP=10.0.0.5;MaasKey=k;MaasSecret=hunter2;MaasConsumerKey=c"

network:
  # as in the plan of VLANs
  pxeVlan: 10 # with MAAS's DHCP
  quarantineVlan: 999
  vlanRange: { from: 100, to: 899 }
erase: { policy: full }
`

describe('a changed file', () => {
  test('keeps its comments, its order, and everything else', () => {
    const after = editConfig(file, [
      { path: ['network', 'pxeVlan'], value: 12 },
      { path: ['stop', 'ports'], value: 'keep-fixed' },
      { path: ['erase', 'policy'], value: null },
      { path: ['never', 'there'], value: null },
    ])
    const [head = ''] = file.split('erase:')
    expect(after).toBe(`${head.replace('pxeVlan: 10', 'pxeVlan: 12')}stop:\n  ports: keep-fixed\n`)
  })

  test('keeps its own blanks where a section comes to it', () => {
    const before = 'cloudstack: {hosts: {bmcNetworks: [10.0.0.0/8]}}\nerase: {policy: full}\n\n# the end\n'
    const after = editConfig(before, [{ path: ['stop', 'graceSeconds'], value: 45 }])
    expect(after).toBe(`${before}stop:\n  graceSeconds: 45\n`)
    expect(configDiff(before, after)).toEqual([' # the end', '+stop:', '+  graceSeconds: 45'])
    expect(editConfig('{erase: {policy: full}}\n', [{ path: ['stop', 'ports'], value: 'park' }])).toBe(
      '{ erase: { policy: full }, stop: { ports: park } }\n',
    )
  })

  test('may begin with nothing', () => {
    expect(editConfig('', [{ path: ['boot', 'efi'], value: false }])).toBe('boot:\n  efi: false\n')
    expect(inFile('')(['boot'])).toBe(false)
    expect(inFile(file)(['network', 'vlanRange', 'to'])).toBe(true)
  })
})

describe('what differs', () => {
  test('is shown with the lines beside it, and none where there is none', () => {
    const after = editConfig(file, [{ path: ['network', 'pxeVlan'], value: 12 }])
    expect(configDiff(file, after)).toEqual([
      '   # as in the plan of VLANs',
      "-  pxeVlan: 10 # with MAAS's DHCP",
      "+  pxeVlan: 12 # with MAAS's DHCP",
      '   quarantineVlan: 999',
    ])
    expect(configDiff(file, file)).toEqual([])
  })

  test.each([
    ['at the top', file],
    [
      'over several lines',
      file.replace('"MaasIP=', '>-\n  MaasIP=').replace('k;MaasS', 'k;\n  MaasS').replace('=c"', '=c'),
    ],
    ['below settings', `settings:\n  ${file.split('\n')[1]}\n`],
  ])('shows no secret %s', (_where, before) => {
    const places = [['external.baremetal.system.url'], ['settings', 'external.baremetal.system.url']]
    const after = editConfig(
      before,
      places.map((path) => ({ path, value: null })),
    )
    const shown = configDiff(before, after).join('\n')
    expect(shown).toContain('external.baremetal.system.url')
    expect(shown).not.toMatch(/hunter2|MaasKey/)
  })
})
