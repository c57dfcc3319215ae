import { ENTRY_COMMAND } from '../../ssh/command-line.ts'
import type { Machine } from '../../world/types.ts'
import { aboutProperty } from '../messages.ts'
import {
  collection,
  type Exchange,
  type Json,
  link,
  ROOT,
  type Route,
  resource,
  type Service,
} from '../resource.ts'
import { bootObject, setBoot } from './boot.ts'
import { health } from './health.ts'
import { RESET_TYPES, resetSystem } from './reset.ts'
import { flag, oneOf, text } from './setters.ts'

const SYSTEM = '/Systems/1'
const ASSET_TAG_LENGTH = 64

export const SYSTEM_ROUTES: readonly Route[] = [
  {
    pattern: '/Systems',
    get: () => collection('/Systems', 'ComputerSystem', 'Computer System Collection', ['1']),
  },
  {
    pattern: SYSTEM,
    get: ({ service }) => system(service),
    patch: { privilege: () => 'ConfigureComponents', setters: systemSetters },
  },
  {
    // Where boards with a settings object want boot settings written.
    pattern: `${SYSTEM}/SD`,
    get: ({ service }) => (service.dials.bootInSettings ? settings(service) : null),
    patch: {
      privilege: () => 'ConfigureComponents',
      setters: ({ service }) => ({ Boot: (value) => setBoot(service.controller, value) }),
    },
  },
  {
    pattern: `${SYSTEM}/Actions/ComputerSystem.Reset`,
    get: () => null,
    post: { privilege: 'ConfigureComponents', run: resetSystem },
  },
  {
    pattern: `${SYSTEM}/ResetActionInfo`,
    get: () =>
      resource(`${SYSTEM}/ResetActionInfo`, 'ActionInfo.v1_4_2', 'ResetActionInfo', 'Reset Action Info', {
        Parameters: [{ Name: 'ResetType', Required: true, DataType: 'String', AllowableValues: RESET_TYPES }],
      }),
  },
]

function systemSetters({ service }: Exchange): Record<string, ReturnType<typeof flag>> {
  const { controller, labels, dials } = service
  const { identify } = controller
  return {
    AssetTag: text(ASSET_TAG_LENGTH, (value) => {
      labels.asset = value
    }),
    LocationIndicatorActive: flag((lit) => identify.force(lit)),
    IndicatorLED: oneOf(['Lit', 'Blinking', 'Off'], (state) => identify.force(state !== 'Off')),
    Boot: (value) =>
      dials.bootInSettings
        ? [aboutProperty('Boot', 'PropertyNotWritable', 'Boot')]
        : setBoot(controller, value),
  }
}

function system(service: Service): Json {
  const { controller, dials, labels } = service
  const { machine, identify } = controller
  const running = machine.running()
  return resource(SYSTEM, 'ComputerSystem.v1_22_0', '1', machine.model, {
    SystemType: 'Physical',
    Manufacturer: machine.manufacturer,
    Model: machine.model,
    SerialNumber: machine.serial,
    SKU: machine.model,
    PartNumber: 'PN-100',
    UUID: machine.uuid,
    AssetTag: labels.asset,
    HostName: running.kind === 'system' ? running.hostname : '',
    BiosVersion: '1.10',
    PowerState: powerState(service),
    LocationIndicatorActive: identify.state !== 'off',
    IndicatorLED: identify.state === 'off' ? 'Off' : identify.state === 'timed' ? 'Blinking' : 'Lit',
    Status: { State: machine.power() === 'on' ? 'Enabled' : 'Disabled', Health: health(controller) },
    Boot: bootObject(controller),
    BootProgress: { LastState: bootProgress(machine) },
    ProcessorSummary: {
      Count: machine.readings().cpusC.length,
      CoreCount: machine.cpuCount,
      LogicalProcessorCount: machine.cpuCount,
      Model: 'Lab CPU',
      Status: { State: 'Enabled', Health: 'OK' },
    },
    MemorySummary: {
      TotalSystemMemoryGiB: machine.memoryMiB / 1024,
      Status: { State: 'Enabled', Health: 'OK' },
    },
    Storage: link(`${SYSTEM}/Storage`),
    EthernetInterfaces: link(`${SYSTEM}/EthernetInterfaces`),
    LogServices: link(`${SYSTEM}/LogServices`),
    ...serialConsole(service),
    Links: { Chassis: [link('/Chassis/1')], ManagedBy: [link('/Managers/1')] },
    ...(dials.bootInSettings
      ? {
          '@Redfish.Settings': {
            '@odata.type': '#Settings.v1_4_0.Settings',
            SettingsObject: link(`${SYSTEM}/SD`),
          },
        }
      : {}),
    Actions: {
      '#ComputerSystem.Reset': {
        target: `${ROOT}${SYSTEM}/Actions/ComputerSystem.Reset`,
        '@Redfish.ActionInfo': `${ROOT}${SYSTEM}/ResetActionInfo`,
        'ResetType@Redfish.AllowableValues': RESET_TYPES,
      },
    },
  })
}

function serialConsole({ ipmiPort, sshPort }: Service): Json {
  if (ipmiPort === null && sshPort === null) return {}
  return {
    SerialConsole: {
      MaxConcurrentSessions: 1,
      ...(ipmiPort === null ? {} : { IPMI: { ServiceEnabled: true, Port: ipmiPort } }),
      ...(sshPort === null
        ? {}
        : {
            SSH: {
              ServiceEnabled: true,
              Port: sshPort,
              ConsoleEntryCommand: ENTRY_COMMAND,
              HotKeySequenceDisplay: 'Press Ctrl-\\ to leave the console',
              SharedWithManagerCLI: true,
            },
          }),
    },
  }
}

function settings({ controller }: Service): Json {
  return resource(`${SYSTEM}/SD`, 'ComputerSystem.v1_22_0', 'SD', 'Settings', {
    Boot: bootObject(controller),
  })
}

/** An order that has not happened yet shows as a transition. */
function powerState({ controller }: Service): string {
  const on = controller.machine.power() === 'on'
  if (controller.powerPending) return on ? 'PoweringOff' : 'PoweringOn'
  return on ? 'On' : 'Off'
}

function bootProgress(machine: Machine): string {
  const running = machine.running()
  if (running.kind === 'firmware') return 'SystemHardwareInitializationComplete'
  if (running.kind === 'ephemeral') return 'OSBootStarted'
  if (running.kind === 'system') return running.phase === 'up' ? 'OSRunning' : 'OSBootStarted'
  return 'None'
}
