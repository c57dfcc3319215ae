import { deploy } from '../../src/workflows/deploy.ts'
import { destroy } from '../../src/workflows/destroy.ts'
import { crashMatrix, pointsOf } from '../support/crash.ts'

const destroyPoints = pointsOf(destroy.steps, ['release'])

crashMatrix(
  pointsOf(deploy.steps, ['wait-deployed', 'ports']).map((at, index) => [
    { call: 'deploy', at },
    { call: 'destroy', at: destroyPoints[index] ?? '' },
  ]),
)
