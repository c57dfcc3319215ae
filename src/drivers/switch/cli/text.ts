// biome-ignore lint/suspicious/noControlCharactersInRegex: a backspace takes back what stands before it
const takenBack = /[^\x08\n]\x08/g

/** What a terminal would show: without escape sequences, with \n at the ends of lines, and without what was erased. */
export function plainText(raw: string): string {
  let text = raw
    // CSI and OSC sequences, and the two-character ones (ECMA-48 §5.3–5.6)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replaceAll(/\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: bells and NULs of slow terminals
    .replaceAll(/[\x00\x07]/g, '')
    .replaceAll(/\r+\n/g, '\n')
    .replaceAll('\r', '')
  for (let shorter = text.replace(takenBack, ''); shorter !== text; ) {
    text = shorter
    shorter = text.replace(takenBack, '')
  }
  // one that has nothing before it
  return text.replaceAll('\x08', '')
}

/** The line under way: what a prompt would be. */
export function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1)
}

/** What a switch says no with, if it does: the lines from the first that one of `patterns` matches. */
export function refusal(answer: string, patterns: readonly RegExp[], firstLines: number): string | null {
  const lines = answer
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '^')
    .slice(0, firstLines)
  const at = lines.findIndex((line) => patterns.some((pattern) => pattern.test(line)))
  return at < 0 ? null : lines.slice(at).join(' ').slice(0, 300)
}
