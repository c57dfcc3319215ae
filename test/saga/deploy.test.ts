import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['deploy@1'], { enlisted: true })
