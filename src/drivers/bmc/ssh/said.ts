/** Bytes of a BMC's words that are looked at. */
const most = 2048
/** Characters of them that a message shows: the last ones, for the reason comes last. */
const shown = 200

/** What a BMC said, in one line that harms no terminal. */
export function spoken(text: string): string {
  const plain = text
    // escape sequences of terminals (ECMA-48 §5.4)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/\x1b\[[\x20-\x3f]*[\x40-\x7e]/g, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/\.$/, '')
  return plain.length > shown ? `…${plain.slice(-shown)}` : plain
}

/** How BMCs say that somebody else has it; there is no standard. */
const busyWords =
  /\b(console|session|port|com\d?|sol|vsp)s?\b[^\r\n]*\b(in use|busy|active|already|maximum|limit)\b|too many|maximum (number of )?(session|connection)/i

export function saysBusy(text: string): boolean {
  return busyWords.test(text)
}

/** The first words of a BMC. */
export class Said {
  text = ''

  add(data: Buffer): void {
    if (this.text.length < most) this.text += data.toString('latin1', 0, most - this.text.length)
  }
}
