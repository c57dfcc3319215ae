import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['attach@1', 'detach@1'], { enlisted: true })
