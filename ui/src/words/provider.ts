/** Of the form that changes the provider's settings. */
export const providerWords = {
  provider: {
    title: 'Provider settings',
    groups: [
      ['MAAS', ['external.baremetal.resource.classname', 'maas.url', 'maas.key']],
      [
        'VLANs',
        ['network.pxeVlan', 'network.quarantineVlan', 'network.vlanRange.from', 'network.vlanRange.to'],
      ],
      ['Disks and BMCs', ['erase.policy', 'hosts.bmcProtocol', 'boot.efi', 'stop.graceSeconds']],
      [
        'Servers and ports',
        ['planner.match', 'bond.mode', 'stop.ports', 'observers.portDrift', 'cloudstack.macPolicy'],
      ],
    ] as readonly (readonly [string, readonly string[]])[],
    names: {
      'external.baremetal.resource.classname': 'Provider',
      'maas.url': 'Address of MAAS',
      'maas.key': 'API key',
      'network.pxeVlan': 'PXE VLAN',
      'network.quarantineVlan': 'Quarantine VLAN',
      'network.vlanRange.from': 'First VLAN of tenants',
      'network.vlanRange.to': 'Last VLAN of tenants',
      'erase.policy': 'Erase policy',
      'hosts.bmcProtocol': 'BMC protocol',
      'boot.efi': 'UEFI boot',
      'stop.graceSeconds': 'Seconds for a soft shutdown',
      'planner.match': 'Which hosts fit an offering',
      'bond.mode': 'Bond mode',
      'stop.ports': 'Ports of a stopped server',
      'observers.portDrift': 'A port that is not as wanted',
      'cloudstack.macPolicy': 'MAC of the default NIC',
    } as Record<string, string>,
    choices: {
      'org.apache.cloudstack.compute.maas.MaasResourceProvider': 'MAAS',
    } as Record<string, string>,
    none: 'None',
    keptIn: (place: string | null) =>
      place === null
        ? 'consumer:key:secret, from MAAS under your name → API keys.'
        : `consumer:key:secret. The one in use is kept in ${place}; leave this empty to keep it.`,
    fromEnvironment: (variable: string) => `Said by ${variable} where Ferrule is started.`,
    fromDefault: 'The file does not say it: this is the default.',
    nothing: 'Nothing is to be changed.',
    check: 'Check',
    checking: 'Checking, and asking MAAS …',
    checkFirst: 'Check it first: what would become of the file is shown here.',
    apply: 'Apply',
    applied: 'Applied. Ferrule starts anew with it; operations go on after that.',
    same: 'The file says so already.',
    plan: 'What would change',
    file: (path: string) => `In ${path}, which is this replica’s own: others have theirs.`,
    noFile: 'There is no file.',
    restarts: 'Ferrule starts anew with it, which takes some seconds; operations go on after that.',
    pending:
      'The file has been changed since Ferrule was started with it: it takes effect at the next start.',
    failed: 'The last change was taken back, because Ferrule could not be started with it,',
  },
}
