import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['heal@1'], { enlisted: true })
