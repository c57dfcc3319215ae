import { expect, test } from 'vitest'
import { parseCsv } from './csv.ts'
import { importCsv } from './from-csv.ts'
import { racksOf } from './rack.ts'

const header = 'switch,name,type,username,password,pxe_vlan,vlans,uplinks,port,mac'

test('one row per cable; what is of the switch stands once', () => {
  const { racks, faults } = importCsv(
    [
      '# cables of row 3',
      header,
      '10.0.0.2,tor1,Force10,ferrule,file:/etc/ferrule/tor1,10,100-899,"1/49; 1/50",1/10,52-54-00-AA-BB-02',
      '10.0.0.2,,,,,,,,1/2,5254.00aa.bb01',
      '',
      '10.0.0.3,tor2,EOS-CLI,ferrule,env:TOR2,,,,Et1,52:54:00:aa:bb:03',
    ].join('\r\n'),
  )
  expect(faults).toEqual([])
  expect(racks).toEqual([
    {
      name: 'tor1',
      l2Switch: {
        ip: '10.0.0.2',
        username: 'ferrule',
        password: { ref: 'file:/etc/ferrule/tor1' },
        type: 'Force10',
      },
      hosts: [
        { mac: '52:54:00:aa:bb:01', port: '1/2' },
        { mac: '52:54:00:aa:bb:02', port: '1/10' },
      ],
      pxeVlan: 10,
      vlanRange: { from: 100, to: 899 },
      uplinks: ['1/49', '1/50'],
    },
    {
      name: 'tor2',
      l2Switch: { ip: '10.0.0.3', username: 'ferrule', password: { ref: 'env:TOR2' }, type: 'EOS-CLI' },
      hosts: [{ mac: '52:54:00:aa:bb:03', port: 'Et1' }],
    },
  ])
})

test('every fault at once, each with its place, and no secret among the words', () => {
  const { faults } = importCsv(
    [
      header,
      '10.0.0.2,tor1,Force10,ferrule,hunter2,4095,899-100,,1/1,52:54:00:aa:bb:01',
      '10.0.0.2,tor9,,,,,,,1/1,52:54:00:aa:bb:01',
      '10.0.0.2,,,,,,,,1/3,ff:ff:ff:ff:ff:ff',
      ',,,,,,,,1/4,52:54:00:aa:bb:04',
      '10.0.0.3,,,,,,,,1/1,52:54:00:aa:bb:05',
      '10.0.0.3,1/1',
    ].join('\n'),
  )
  expect(faults.map(({ place, problem }) => `${place}: ${problem}`)).toEqual([
    'line 3, name: is "tor9", and "tor1" at line 2, name',
    'line 3, port: port 1/1 of 10.0.0.2 is there already at line 2, port',
    'line 3, mac: 52:54:00:aa:bb:01 is there already at line 2, mac',
    'line 4, mac: "ff:ff:ff:ff:ff:ff" is not the MAC of a NIC',
    'line 5, switch: is empty',
    'line 7: has 2 values, and the header 10',
    'line 2, password: is not a reference: write env:NAME or file:/path, never the password',
    'line 2, pxe_vlan: "4095" is not a VLAN',
    'line 2, vlans: "899-100" is not a range of VLANs like 100-899',
    'line 6, type: no row of switch 10.0.0.3 has it',
    'line 6, username: no row of switch 10.0.0.3 has it',
    'line 6, password: no row of switch 10.0.0.3 has it',
  ])
  expect(JSON.stringify(faults)).not.toContain('hunter2')
})

test('a header that is not the documented one', () => {
  const { faults } = importCsv('switch,port,MAC,colour,port\n10.0.0.2,1/1,52:54:00:aa:bb:01,red,1/1')
  expect(faults.map(({ problem }) => problem).join('\n')).toMatch(
    /no column "type".*no column "username".*no column "password".*unknown column "colour".*"port" is there twice/s,
  )
})

test('quotes hold commas, ends of lines and quotes; a damaged one is told with its line', () => {
  expect(parseCsv('a,"b, ""c""\nd",e\nf, g ,')).toEqual([
    { line: 1, cells: ['a', 'b, "c"\nd', 'e'] },
    { line: 3, cells: ['f', 'g', ''] },
  ])
  expect(importCsv('switch,port\n"10.0.0.2,1/1').faults).toEqual([
    { place: 'line 2', problem: 'a quote is never closed' },
  ])
  expect(importCsv('switch\n10"0').faults).toEqual([
    { place: 'line 2', problem: 'a quote stands in the middle of a value' },
  ])
})

test('nothing is a fault, too', () => {
  const none = importCsv(`${header}\n`)
  expect(() => racksOf(none, 'cables.csv')).toThrow(/cables.csv: names no switch/)
})

test('heights, of the switch and of each server', () => {
  const lines = [
    'switch,switch_unit,type,username,password,port,mac,unit,units',
    '10.0.0.2,42,Force10,ferrule,env:TOR,1/1,52:54:00:aa:bb:01,5,2',
    '10.0.0.2,,,,,1/2,52:54:00:aa:bb:02,7,',
  ]
  expect(importCsv(lines.join('\n')).racks[0]).toMatchObject({
    l2Switch: { unit: 42 },
    hosts: [
      { port: '1/1', unit: 5, units: 2 },
      { port: '1/2', unit: 7 },
    ],
  })
  const faulty = importCsv([...lines, '10.0.0.2,,,,,1/3,52:54:00:aa:bb:03,top,0'].join('\n'))
  expect(faulty.faults.map(({ place }) => place)).toEqual(['line 4, unit', 'line 4, units'])
})
