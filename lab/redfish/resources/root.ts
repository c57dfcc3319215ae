import { link, ROOT, type Route, resource } from '../resource.ts'

export const ROOT_ROUTES: readonly Route[] = [
  {
    pattern: '',
    open: true,
    get({ service }) {
      const { basicOnly } = service.dials
      return resource('', 'ServiceRoot.v1_16_0', 'RootService', 'Root Service', {
        RedfishVersion: '1.18.0',
        UUID: service.controller.machine.uuid,
        Product: service.controller.machine.model,
        Vendor: service.controller.machine.manufacturer,
        ProtocolFeaturesSupported: {
          ExpandQuery: { ExpandAll: false, Levels: false, Links: false, NoLinks: false },
          ExcerptQuery: false,
          FilterQuery: false,
          OnlyMemberQuery: false,
          SelectQuery: false,
        },
        Systems: link('/Systems'),
        Chassis: link('/Chassis'),
        Managers: link('/Managers'),
        Tasks: link('/TaskService'),
        AccountService: link('/AccountService'),
        ...(basicOnly ? {} : { SessionService: link('/SessionService') }),
        Links: basicOnly ? {} : { Sessions: link('/SessionService/Sessions') },
      })
    },
  },
  {
    pattern: '/odata',
    open: true,
    get: () => ({
      '@odata.context': `${ROOT}/$metadata`,
      value: [
        { name: 'Service', kind: 'Singleton', url: `${ROOT}/` },
        ...['Systems', 'Chassis', 'Managers', 'TaskService', 'AccountService', 'SessionService'].map(
          (name) => ({
            name,
            kind: 'Singleton',
            url: `${ROOT}/${name}`,
          }),
        ),
        { name: 'Sessions', kind: 'Singleton', url: `${ROOT}/SessionService/Sessions` },
      ],
    }),
  },
]

/** Schemas whose documents `$metadata` refers to, with the versions in use. */
const SCHEMAS = [
  'ServiceRoot.v1_16_0',
  'ComputerSystem.v1_22_0',
  'Chassis.v1_25_0',
  'Manager.v1_19_0',
  'SessionService.v1_1_9',
  'Session.v1_7_1',
  'AccountService.v1_15_0',
  'ManagerAccount.v1_12_0',
  'Role.v1_3_2',
  'TaskService.v1_2_1',
  'Task.v1_7_4',
  'Thermal.v1_7_3',
  'Power.v1_7_3',
  'Sensor.v1_9_0',
  'Storage.v1_16_0',
  'Drive.v1_19_0',
  'EthernetInterface.v1_12_0',
  'ManagerNetworkProtocol.v1_10_0',
  'LogService.v1_7_0',
  'LogEntry.v1_16_0',
  'Message.v1_2_0',
]
const COLLECTIONS = [
  'ComputerSystem',
  'Chassis',
  'Manager',
  'Session',
  'ManagerAccount',
  'Role',
  'Task',
  'Sensor',
  'Storage',
  'EthernetInterface',
  'LogService',
  'LogEntry',
]

/** The OData metadata document (DSP0266, "OData metadata"). */
export function metadata(): string {
  const reference = (file: string, namespaces: readonly string[]) =>
    [
      `  <edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/${file}_v1.xml">`,
      ...namespaces.map((namespace) => `    <edmx:Include Namespace="${namespace}"/>`),
      '  </edmx:Reference>',
    ].join('\n')
  const references = [
    ...SCHEMAS.map((schema) => {
      const [name = ''] = schema.split('.')
      return reference(name, [name, schema])
    }),
    ...COLLECTIONS.map((name) => reference(`${name}Collection`, [`${name}Collection`])),
    reference('RedfishExtensions', ['RedfishExtensions.v1_0_0']),
  ]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">',
    ...references,
    '  <edmx:DataServices>',
    '    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">',
    '      <EntityContainer Name="Service" Extends="ServiceRoot.v1_16_0.ServiceContainer"/>',
    '    </Schema>',
    '  </edmx:DataServices>',
    '</edmx:Edmx>',
    '',
  ].join('\n')
}
