import type { SwitchDevice, SwitchFence } from './types.ts'

/** One switch as the engine works on it. */
export interface ManagedSwitch {
  readonly id: string
  readonly device: SwitchDevice
  readonly fence: SwitchFence
  readonly readRetryMs: readonly number[]
}
