/** A locally administered unicast address, so that the plan shows the very one that will be used. */
export function newMac(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(5))
  return ['02', ...[...bytes].map((byte) => byte.toString(16).padStart(2, '0'))].join(':')
}
