/** A command as it reached the BMC. */
export interface Received {
  netFn: number
  number: number
  data: Buffer
  requestSequence: number
}
