import { usage } from './failure.ts'

interface Cable {
  mac: string
  switch: string
  port: string
}

/**
 * A NIC and where it is plugged in, as it is written on the command line.
 *
 * @example parseCable('mac=52:54:00:28:11:02,switch=10.0.0.3,port=1/7')
 */
export function parseCable(text: string): Cable {
  const given = new Map<string, string>()
  for (const part of text.split(',')) {
    const at = part.indexOf('=')
    given.set(part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim())
  }
  const mac = given.get('mac')
  const address = given.get('switch')
  const port = given.get('port')
  if (!mac || !address || !port || given.size !== 3)
    throw usage(
      `"${text}" is no cable`,
      'Write it as mac=52:54:00:28:11:02,switch=10.0.0.3,port=1/7, one --cable for each NIC.',
    )
  return { mac, switch: address, port }
}
