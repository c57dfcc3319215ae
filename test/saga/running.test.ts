import { sagaMatrix } from '../support/matrix.ts'

sagaMatrix(['start@1', 'stop@1', 'reboot@1'], { enlisted: true })
