import { attentionWords } from './words/attention.ts'
import { catalogueWords } from './words/catalogue.ts'
import { frameWords } from './words/frame.ts'
import { hostsWords } from './words/hosts.ts'
import { instancesWords } from './words/instances.ts'
import { labWords } from './words/lab.ts'
import { operationsWords } from './words/operations.ts'
import { providerWords } from './words/provider.ts'
import { racksWords } from './words/racks.ts'
import { settingsWords } from './words/settings.ts'

/** Every word that the pages themselves say. What Ferrule says of things comes from the API as it is. */
export const words = {
  ...frameWords,
  ...attentionWords,
  ...hostsWords,
  ...instancesWords,
  ...operationsWords,
  ...racksWords,
  ...catalogueWords,
  ...settingsWords,
  ...providerWords,
  ...labWords,
}
