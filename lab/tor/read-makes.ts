import { isTorMake, type TorMake, torMakes } from './makes.ts'

const SWITCHES = ['r2-tor1', 'r2-tor2']

/** "eos,os10" of the command line: the switches of the second rack; one word is for both. @throws Error for another */
export function readMakes(text: string): Record<string, TorMake> {
  const words = text.split(',').map((word) => word.trim().toLowerCase())
  if (words.length > SWITCHES.length) throw new Error(`--tors ${text}: rack r2 has two switches`)
  const makes = SWITCHES.map((name, index) => {
    const word = words[index] ?? words[0] ?? ''
    if (!isTorMake(word))
      throw new Error(`--tors ${text}: "${word}" is none of the makes ${torMakes.join(', ')}`)
    return [name, word] as const
  })
  return Object.fromEntries(makes)
}
