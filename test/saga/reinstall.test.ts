import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['reinstall@1'], { enlisted: true })
