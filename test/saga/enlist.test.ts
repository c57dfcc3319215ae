import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['enlist@1'], { enlisted: false })
