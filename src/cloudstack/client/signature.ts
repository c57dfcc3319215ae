import { createHmac } from 'node:crypto'

/**
 * What CloudStack computes a request's signature from (ApiServer.verifyRequest): the parameters sorted by name, each
 * value escaped as java.net.URLEncoder does it with %20 for a space, all in lower case; HMAC-SHA1, in base64. It
 * escapes the values anew after decoding, so that how they travelled does not matter.
 */
export function signatureOf(params: Readonly<Record<string, string>>, secret: string): string {
  const text = Object.entries(params)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${javaEscape(value)}`)
    .join('&')
    .toLowerCase()
  return createHmac('sha1', secret).update(text).digest('base64')
}

/** Letters, digits and .-*_ stay. */
function javaEscape(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
