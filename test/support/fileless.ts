import { loadConfig } from '../../src/config/load.ts'
import { openProviderRoom } from '../../src/provider-room.ts'

/** The settings of a Ferrule that was started without a file: they are shown, and cannot be changed. */
export function fileless() {
  return openProviderRoom({
    config: loadConfig({ env: {} }),
    env: {},
    failure: null,
    restart: () => undefined,
    note: async () => undefined,
  })
}
