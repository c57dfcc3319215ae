import { expect, test } from 'vitest'
import { traitsOf } from './vendors.ts'

test.each([
  [['Dell', 'Integrated Dell Remote Access Controller', 'Dell Inc.'], 'Dell'],
  [['HPE', 'ProLiant DL380 Gen10', 'Hpe', 'HPE'], 'HPE'],
  [['Hp'], 'HPE'],
  [['Supermicro'], 'Supermicro'],
  // Sold by another, made by AMI: the firmware's ways count.
  [['AMI', 'AMI Redfish Server', 'Ami', 'Lenovo'], 'AMI'],
  [['ASRockRack'], 'AMI'],
  [['Lenovo'], 'standard'],
  [['Graphics', 'Chamberlain'], 'standard'],
  [[], 'standard'],
])('%j has the ways of %s', (words, name) => {
  expect(traitsOf(words).name).toBe(name)
})
