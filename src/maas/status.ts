import type { MaasResultSet, MaasStatus } from './types.ts'

/** By number: NODE_STATUS of MAAS 3.4 to 3.7 (maascommon/enums/node.py, before 3.6 maasserver/enum.py). */
const STATUS: readonly MaasStatus[] = [
  'New',
  'Commissioning',
  'Failed commissioning',
  'Missing',
  'Ready',
  'Reserved',
  'Deployed',
  'Retired',
  'Broken',
  'Deploying',
  'Allocated',
  'Failed deployment',
  'Releasing',
  'Releasing failed',
  'Disk erasing',
  'Failed disk erasing',
  'Rescue mode',
  'Entering rescue mode',
  'Failed to enter rescue mode',
  'Exiting rescue mode',
  'Failed to exit rescue mode',
  'Testing',
  'Failed testing',
]

/** Undefined: a number that a newer MAAS invented. */
export function statusName(number: number): MaasStatus | undefined {
  return STATUS[number]
}

/** RESULT_TYPE of metadataserver/enum.py. */
const RESULT_TYPE: readonly MaasResultSet['type'][] = ['Commissioning', 'Installation', 'Testing', 'Release']

export function resultTypeName(number: number): MaasResultSet['type'] {
  return RESULT_TYPE[number] ?? 'Other'
}
