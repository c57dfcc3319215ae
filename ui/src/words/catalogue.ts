/** Of networks, templates and offerings. */
export const catalogueWords = {
  catalogue: {
    remove: 'Remove',
    removeTitle: (name: string) => `Remove ${name}?`,
    create: 'Create',
    name: 'Name',
    empty: 'There is none yet.',
    deployWith: 'Deploy with it',
    gone: (name: string) => `There is no ${name} here, or no more.`,
    unused: 'No instance has it.',
    inUse: 'Where it is used the API refuses, and names by what.',
  },
  networks: {
    title: 'Networks',
    add: 'Create a network',
    kind: 'Kind',
    vlan: 'VLAN',
    vlanHint: 'Empty: CloudStack gives it with the instance',
    noVlan: 'given with the instance',
    removeWhat: 'Only the record goes; no switch is touched.',
  },
  templates: {
    title: 'Templates',
    add: 'Register a template',
    url: 'URL',
    urlHint: 'An image of MAAS, such as ubuntu/jammy, or an alias. Nothing is downloaded.',
    image: 'MAAS image',
    family: 'System',
    architecture: 'Architecture',
    removeWhat: 'The image stays in MAAS.',
  },
  offerings: {
    title: 'Offerings',
    add: 'Create an offering',
    cpus: 'CPUs',
    memory: 'Memory in GiB',
    speed: 'Least speed in MHz',
    speedHint: 'Empty: any',
    tags: 'Host tags, with commas',
    hostTags: 'Host tags',
    match: 'Match',
    matches: { '': 'as the site says', equal: 'exactly', atLeast: 'at least' } as Readonly<
      Record<string, string>
    >,
    erase: 'Erase',
    erases: { '': 'as the site says', full: 'full', secure: 'secure', quick: 'quick' } as Readonly<
      Record<string, string>
    >,
    bond: 'Bond',
    layout: 'Disk layout',
    layoutHint: 'flat, lvm or bcache, e.g. lvm,root_size=200G; empty: as commissioned in MAAS',
    asCommissioned: 'as commissioned',
    bonds: {
      '': 'as the site says',
      'active-backup': 'active-backup',
      '802.3ad': '802.3ad, in a LAG',
      'balance-tlb': 'balance-tlb: sends on every NIC',
      'balance-alb': 'balance-alb: sends and receives on every NIC',
    } as Readonly<Record<string, string>>,
    free: 'Free',
    removeWhat: 'Only the record goes.',
  },
}
