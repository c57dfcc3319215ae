import { reinstall } from '../../src/workflows/reinstall.ts'
import { crashMatrix, pointsOf } from '../support/crash.ts'

crashMatrix(
  pointsOf(reinstall.steps, ['release', 'clear-mark', 'wait-deployed', 'ports']).map((at) => [
    { call: 'deploy', at: '' },
    { call: 'reinstall', at },
    { call: 'destroy', at: '' },
  ]),
)
