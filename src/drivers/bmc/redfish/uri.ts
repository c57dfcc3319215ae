/** No resource of a BMC has a longer name. */
const longest = 2048

/**
 * A link in a BMC's answer, as a path on that BMC; undefined if it leads elsewhere or is no link at all. `base` is
 * `https://host:port`.
 */
export function pathOnHost(link: string, base: string): string | undefined {
  const url = parse(link, base)
  return url?.origin === new URL(base).origin ? url.pathname + url.search : undefined
}

/**
 * The path of a `Location` header. BMCs write themselves there by whatever name they believe to have; we go on talking
 * to the one that we trust, whatever it says.
 */
export function pathOfLocation(location: string, base: string): string | undefined {
  const url = parse(location, base)
  return url === undefined ? undefined : url.pathname + url.search
}

function parse(link: string, base: string): URL | undefined {
  if (link.length === 0 || link.length > longest || !URL.canParse(link, base)) return undefined
  const url = new URL(link, base)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined
}

/** The same resource with its slash at the end toggled: some BMCs know it by one of the two only. */
export function otherSlash(path: string): string {
  const [name = '', ...query] = path.split('?')
  const toggled = name.endsWith('/') ? name.slice(0, -1) : `${name}/`
  return [toggled, ...query].join('?')
}

/** The last part of a resource's path, which is its Id (DSP0266 §9.6.9). */
export function idOf(path: string): string {
  const last =
    path
      .replace(/[?#].*$/, '')
      .replace(/\/$/, '')
      .split('/')
      .at(-1) ?? ''
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}
