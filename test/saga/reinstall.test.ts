import { sagaMatrix } from '../support/matrix.ts'

// it erases in every case, and MAAS gives a release five minutes
sagaMatrix(['reinstall@1'], { enlisted: true, timeScale: 150, diskLayout: 'lvm,root_size=200G' })
