import { ciscoDialect } from './cisco.ts'
import { Refused } from './model.ts'

function named(pattern: RegExp, name: string, refusal: string): (text: string) => string {
  return (text) => {
    const position = pattern.exec(text)?.[1]
    if (position === undefined) throw new Refused(refusal)
    return name + position
  }
}

const caret = '                 ^'

/** Cisco NX-OS, of the Nexus 9000 command references: VLANs from 3968 on are its own. */
export const nxos = ciscoDialect({
  name: 'nx-os',
  ports: ['Ethernet1/1', 'Ethernet1/2', 'Ethernet1/3'],
  portName: named(
    /^(?:ethernet|eth) ?(\d+(?:\/\d+)+)$/i,
    'Ethernet',
    `${caret}\nInvalid interface format at '^' marker.`,
  ),
  begin: 'exec',
  ifPrompt: () => 'config-if',
  vlanPrompt: () => 'config-vlan',
  blank: ' ',
  invalid: `${caret}\n% Invalid command at '^' marker.`,
  noSuchPort: `${caret}\nInvalid range at '^' marker.`,
  reserved: (vlan) =>
    vlan >= 3968 ? `ERROR: Command rejected: VLAN ${vlan} is within the internal VLAN range` : null,
  lazyVlans: false,
  paging: /^terminal length 0$/,
  save: /^copy running-config startup-config$/,
  saved:
    '[########################################] 100%\nCopy complete, now saving to disk (please wait)...\nCopy complete.',
  indent: '  ',
  channels: false,
  portLines: (port) => (port.shutdown ? ['shutdown'] : ['no shutdown']),
  vlansInConfig: true,
  busy: 'ERROR: The configuration database is locked, please try again later',
})

/** Arista EOS; a login begins without privilege. */
export const eos = ciscoDialect({
  name: 'eos',
  ports: ['Ethernet1', 'Ethernet2', 'Ethernet3'],
  portName: named(/^(?:ethernet|et) ?(\d+(?:\/\d+)*)$/i, 'Ethernet', '% Invalid input'),
  begin: 'user',
  ifPrompt: (port) => `config-if-${port.replace('Ethernet', 'Et')}`,
  vlanPrompt: (vlan) => `config-vlan-${vlan}`,
  blank: '',
  invalid: '% Invalid input',
  noSuchPort: '% Interface does not exist',
  reserved: (vlan) => (vlan === 4094 ? `% VLAN ${vlan} is reserved for internal use` : null),
  lazyVlans: false,
  paging: /^terminal length 0$/,
  save: /^(?:write memory|copy running-config startup-config)$/,
  saved: 'Copy completed successfully.',
  indent: '   ',
  channels: true,
  portLines: (port) => (port.shutdown ? ['shutdown'] : []),
  vlansInConfig: true,
  busy: '% Error: cannot be done while another session has the configuration locked',
})

/** Cisco IOS XE, of the Catalyst 9000 command references. */
export const iosxe = ciscoDialect({
  name: 'ios-xe',
  ports: ['GigabitEthernet1/0/1', 'GigabitEthernet1/0/2', 'GigabitEthernet1/0/3'],
  portName: named(
    /^(?:gigabitethernet|gi) ?(\d+(?:\/\d+)+)$/i,
    'GigabitEthernet',
    `${caret}\n% Invalid input detected at '^' marker.\n`,
  ),
  begin: 'exec',
  ifPrompt: () => 'config-if',
  vlanPrompt: () => 'config-vlan',
  blank: '',
  invalid: `${caret}\n% Invalid input detected at '^' marker.\n`,
  noSuchPort: `${caret}\n% Invalid input detected at '^' marker.\n`,
  reserved: (vlan) =>
    vlan >= 1002 && vlan <= 1005 ? `Command rejected: Bad VLAN list - ${vlan} is a default VLAN` : null,
  lazyVlans: true,
  paging: /^terminal length 0$/,
  save: /^(?:write memory|copy running-config startup-config)$/,
  saved: 'Building configuration...\n[OK]',
  indent: ' ',
  channels: false,
  portLines: (port) => (port.shutdown ? ['shutdown'] : []),
  vlansInConfig: false,
  busy: 'Command rejected: Resource is busy.',
})
