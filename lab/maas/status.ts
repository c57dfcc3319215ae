/** MAAS's node statuses (maasserver/enum.py, NODE_STATUS): numbers as the API gives them. */
export const NEW = 0
export const COMMISSIONING = 1
export const FAILED_COMMISSIONING = 2
export const READY = 4
export const RESERVED = 5
export const DEPLOYED = 6
export const BROKEN = 8
export const DEPLOYING = 9
export const ALLOCATED = 10
export const FAILED_DEPLOYMENT = 11
export const RELEASING = 12
export const RELEASING_FAILED = 13
export const DISK_ERASING = 14
export const FAILED_DISK_ERASING = 15
export const TESTING = 21
export const FAILED_TESTING = 22

const NAMES = [
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

export function statusName(status: number): string {
  return NAMES[status] ?? String(status)
}

/** The value of the `status` filter, e.g. failed_commissioning. */
export function statusByFilter(text: string): number | undefined {
  const index = NAMES.findIndex((name) => name.toLowerCase().replaceAll(' ', '_') === text.toLowerCase())
  return index < 0 ? undefined : index
}

/** maasserver/enum.py COMMISSIONABLE: what the API's commission accepts. */
export const COMMISSIONABLE: readonly number[] = [NEW, READY, FAILED_COMMISSIONING, BROKEN]

/** maasserver/node_status.py RELEASABLE_STATUSES. */
export const RELEASABLE: readonly number[] = [
  ALLOCATED,
  RESERVED,
  BROKEN,
  DEPLOYING,
  DEPLOYED,
  FAILED_DEPLOYMENT,
  FAILED_DISK_ERASING,
  RELEASING_FAILED,
]

/** maasserver/api/interfaces.py: where interfaces may be written; an update also in Deployed. */
export const INTERFACES_WRITABLE: readonly number[] = [NEW, READY, FAILED_TESTING, ALLOCATED, BROKEN]
