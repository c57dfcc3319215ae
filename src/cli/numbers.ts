import { usage } from './failure.ts'

export function wholeNumber(text: string, option: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0)
    throw usage(`${option} ${text} is not a whole number`, 'Write digits only.')
  return number
}
