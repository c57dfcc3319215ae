import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['destroy@1'], { enlisted: true })
