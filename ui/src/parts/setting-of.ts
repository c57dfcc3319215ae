/** "network.pxeVlan" of the configuration; undefined: it does not say. */
export function settingOf(settings: unknown, path: string): unknown {
  let value = settings
  for (const part of path.split('.'))
    value =
      typeof value === 'object' && value !== null
        ? Object.getOwnPropertyDescriptor(value, part)?.value
        : undefined
  return value
}
