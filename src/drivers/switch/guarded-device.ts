import type { SwitchBreaker } from './breaker.ts'
import type { SwitchDevice } from './types.ts'

/** The device, but with every conversation behind its switch's breaker. */
export function guardedDevice(device: SwitchDevice, breaker: SwitchBreaker): SwitchDevice {
  const readLags = device.readLags?.bind(device)
  const readPreMadeLag = device.readPreMadeLag?.bind(device)
  const readMacTable = device.readMacTable?.bind(device)
  const readAnnouncements = device.readAnnouncements?.bind(device)
  const watch = device.watch?.bind(device)
  return {
    address: device.address,
    // Some devices say what they can do only when they are first met.
    get capabilities() {
      return device.capabilities
    },
    canonicalPort: (port) => device.canonicalPort(port),
    readPorts: (ports) => breaker.call(() => device.readPorts(ports)),
    readSavedPorts: (ports) => breaker.call(() => device.readSavedPorts(ports)),
    readVlans: () => breaker.call(() => device.readVlans()),
    readFdb: (port) => breaker.call(() => device.readFdb(port)),
    ...(readMacTable ? { readMacTable: () => breaker.call(readMacTable) } : {}),
    ...(readAnnouncements ? { readAnnouncements: () => breaker.call(readAnnouncements) } : {}),
    ...(readLags ? { readLags: () => breaker.call(readLags) } : {}),
    ...(readPreMadeLag ? { readPreMadeLag: (lag) => breaker.call(() => readPreMadeLag(lag)) } : {}),
    plan: (current, wanted, vlans, ownLags) => device.plan(current, wanted, vlans, ownLags),
    apply: (lease, changes) => breaker.call(() => device.apply(lease, changes)),
    save: (lease) => breaker.call(() => device.save(lease)),
    // it lasts, and so is no call: whoever subscribes has a pace of his own, and nobody waits for it
    ...(watch ? { watch } : {}),
    close: () => device.close(),
  }
}
