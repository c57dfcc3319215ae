/**
 * Who may import whom. The direction is the architecture: domain knows nobody, drivers know only the domain, the lab and
 * the product share no line (an emulator that shares the client's code would prove nothing), main.ts alone constructs.
 * Tests may import what they test against.
 */
const tests = '\\.test\\.ts$|/test-support/'

/** `room` may import, of this repository, only `allowed` (a regular expression on paths). */
function only(name, room, allowed, comment) {
  return {
    name,
    severity: 'error',
    comment,
    from: { path: room, pathNot: tests },
    to: { path: '^(src|lab|bench|test|ui)/', pathNot: `${room}|${allowed}` },
  }
}

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment:
        'Data flows one way. A cycle, even of types, means that two files are one thing or need a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'domain/ has no I/O, no clock and no library: it imports only itself.',
      from: { path: '^src/domain/', pathNot: tests },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'saga-knows-no-machines',
      severity: 'error',
      comment:
        'saga/ runs step tables on the engine: it imports the engine, node, and the catalogue of errors.',
      from: { path: '^src/saga/', pathNot: tests },
      to: {
        pathNot: '^src/saga/|^src/domain/errors\\.ts$|^node_modules/(@dbos-inc/dbos-sdk|pg|@types/pg)/',
        dependencyTypesNot: ['core'],
      },
    },
    only(
      'drivers-know-the-domain',
      '^src/drivers/',
      '^src/domain/',
      'A driver knows its device and the domain.',
    ),
    {
      name: 'drivers-are-strangers',
      severity: 'error',
      comment: 'BMC and switch drivers never import each other.',
      from: { path: '^src/drivers/([^/]+)/', pathNot: tests },
      to: { path: '^src/drivers/', pathNot: '^src/drivers/$1/' },
    },
    only('maas-knows-the-domain', '^src/maas/', '^src/domain/', 'The MAAS client knows MAAS and the domain.'),
    only(
      'cloudstack-client-knows-the-domain',
      '^src/cloudstack/client',
      '^src/domain/',
      'The CloudStack client knows CloudStack and the domain.',
    ),
    only(
      'store-knows-the-domain',
      '^src/store/',
      '^src/(domain|saga)/',
      'store/ is SQL and the domain, and implements the journals whose interfaces saga/ declares.',
    ),
    only(
      'workflows',
      '^src/workflows/',
      '^src/(domain|saga|store)/|^src/drivers/[^/]+/types\\.ts$|^src/maas/types\\.ts$',
      'A workflow knows the types of drivers and MAAS, never an implementation.',
    ),
    only(
      'services',
      '^src/services/',
      '^src/(domain|store|workflows)/',
      'A use case stores and starts workflows.',
    ),
    only(
      'api',
      '^src/api/',
      '^src/(services|console|domain|store)/|^src/(secrets/tokens|telemetry/log|version)\\.ts$',
      'Routes call services.',
    ),
    only(
      'console',
      '^src/console/',
      '^src/(services|domain|store)/|^src/drivers/bmc/types\\.ts$|^src/telemetry/log\\.ts$',
      'A console is a live thing between a BMC and its viewers: it stores nothing but who has it.',
    ),
    only(
      'observers',
      '^src/observers/',
      '^src/(services|domain|store)/|^src/telemetry/log\\.ts$',
      'Observers read the world and record what they see.',
    ),
    only(
      'cli',
      '^src/cli/',
      '^src/api/client\\.generated\\.ts$|^src/config/load\\.ts$|^src/cloudstack/install/(installer|manifest)\\.ts$',
      'The CLI is a client like every other.',
    ),
    {
      name: 'cloudstack-command-alone-installs',
      severity: 'error',
      comment:
        'What is done on a management server and in CloudStack needs no controller: that command asks CloudStack itself.',
      from: { path: '^src/cli/', pathNot: `^src/cli/commands/cloudstack\\.ts$|${tests}` },
      to: { path: '^src/cloudstack/' },
    },
    only(
      'cloudstack-installer',
      '^src/cloudstack/install/',
      '^src/(domain|config)/|^src/cloudstack/(client/|custom-actions\\.ts$)',
      'The installer runs without a daemon.',
    ),
    {
      name: 'config-check-alone-reads-configuration',
      severity: 'error',
      comment: 'A controller whose file is faulty cannot be asked: "config check" reads it without one.',
      from: { path: '^src/cli/', pathNot: `^src/cli/commands/config\\.ts$|${tests}` },
      to: { path: '^src/config/' },
    },
    only(
      'support-rooms',
      '^src/(config|secrets|postgres|telemetry)/',
      '^src/(domain|config|secrets)/',
      'Configuration, secrets, telemetry and the PostgreSQL launcher know nothing of machines.',
    ),
    {
      name: 'lab-shares-nothing-with-the-product',
      severity: 'error',
      comment: 'An emulator that shares the code or schemas of its client would prove nothing.',
      from: { path: '^lab/' },
      to: { path: '^src/' },
    },
    {
      name: 'product-shares-nothing-with-the-lab',
      severity: 'error',
      comment: 'The product runs without the lab. Tests of both together live in test/.',
      from: { path: '^src/' },
      to: { path: '^(lab|test|bench)/' },
    },
    {
      name: 'main-constructs-drivers',
      severity: 'error',
      comment: 'Everybody else takes drivers and the MAAS client as arguments and knows only their types.',
      from: { path: '^src/', pathNot: `^src/([^/]+\\.ts$|drivers/|maas/)|${tests}` },
      to: { path: '^src/(drivers|maas)/', pathNot: '/types\\.ts$|^src/maas/settings\\.ts$' },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      comment: 'main.ts is where things are put together, not a library.',
      from: { path: '^src/' },
      to: { path: '^src/main\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist' },
    // Types count: a type imported against the direction is knowledge against the direction.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
}
