const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Django's `N`: abbreviations with a full stop, short months without. */
const DOTTED = [
  'Jan.',
  'Feb.',
  'March',
  'April',
  'May',
  'June',
  'July',
  'Aug.',
  'Sept.',
  'Oct.',
  'Nov.',
  'Dec.',
]

/** As in script results: Mon, 23 Nov 2026 16:53:29 +0000 */
export function resultDate(at: number): string {
  return `${dayAndMonth(at, MONTHS)} ${clock(at)} +0000`
}

/** As in events: Mon, 23 Nov. 2026 16:53:45 */
export function eventDate(at: number): string {
  return `${dayAndMonth(at, DOTTED)} ${clock(at)}`
}

/** As in results' runtime: 0:00:09 */
export function runtime(ms: number): string {
  const seconds = Math.round(ms / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

function dayAndMonth(at: number, months: string[]): string {
  const date = new Date(at)
  const day = String(date.getUTCDate()).padStart(2, '0')
  return `${DAYS[date.getUTCDay()]}, ${day} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}`
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}
