/** What a test looks at: the machine, not the calls. */
export interface FakeMachine {
  power: string
  /** Every reset that had an effect, in order. */
  resets: string[]
  lastReset: string
  boot: Record<string, unknown>
  /** The Boot of the settings object; null: there is no settings object. */
  pendingBoot: Record<string, unknown> | null
  light: Record<string, unknown>
  /** ResetType@Redfish.AllowableValues; null: not told. */
  allowed: string[] | null
  /** More or other properties of the system. */
  extra: Record<string, unknown>
  /** Counts up with each change: the ETag. */
  version: number
}

export function newMachine(): FakeMachine {
  return {
    power: 'Off',
    resets: [],
    lastReset: '2026-01-01T00:00:00Z',
    boot: {
      BootSourceOverrideTarget: 'None',
      BootSourceOverrideEnabled: 'Disabled',
      BootSourceOverrideMode: 'UEFI',
      'BootSourceOverrideTarget@Redfish.AllowableValues': ['None', 'Pxe', 'Hdd', 'Cd', 'UefiHttp'],
    },
    pendingBoot: null,
    light: { LocationIndicatorActive: false },
    allowed: ['On', 'ForceOff', 'GracefulShutdown', 'ForceRestart', 'PowerCycle'],
    extra: {},
    version: 1,
  }
}

export function resetMachine(machine: FakeMachine, type: string): void {
  machine.resets.push(type)
  machine.lastReset = new Date(Date.parse(machine.lastReset) + 1000).toISOString()
  if (['On', 'ForceOn', 'ForceRestart', 'PowerCycle'].includes(type)) machine.power = 'On'
  if (type === 'PushPowerButton') machine.power = machine.power === 'On' ? 'Off' : 'On'
  if (type === 'ForceOff' || type === 'GracefulShutdown') machine.power = 'Off'
}
