import { createHmac, timingSafeEqual } from 'node:crypto'

export interface Keys {
  apiKey: string
  secretKey: string
}

/**
 * Is a request signed as CloudStack wants it: HMAC-SHA1 over its parameters, sorted, in lower case, in base64. Clients
 * differ in what they escape and in whether they sort before or after lower-casing; all of these are heard.
 *
 * @param now real milliseconds since the epoch: signature version 3 carries its own expiry
 */
export function isSigned(params: ReadonlyMap<string, string>, keys: Keys, now: number): boolean {
  const low = new Map([...params].map(([name, value]) => [name.toLowerCase(), value]))
  const signature = low.get('signature')
  if (signature === undefined || low.get('apikey') !== keys.apiKey) return false
  if (low.get('signatureversion') === '3' && !(expiry(low.get('expires') ?? '') > now)) return false
  const signed = [...params].filter(([name]) => name.toLowerCase() !== 'signature')
  return canonical(signed).some((text) => equal(signature, sign(text, keys.secretKey)))
}

function sign(text: string, secret: string): string {
  return createHmac('sha1', secret).update(text).digest('base64')
}

/** 2026-01-30T10:55:11+0000, with or without a colon in the zone. */
function expiry(text: string): number {
  return Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
}

function canonical(signed: [string, string][]): string[] {
  const texts = new Set<string>()
  for (const value of [javaEscape, strictEscape, bareAsterisk, bareBrackets])
    for (const name of [(text: string) => text, value])
      for (const key of [(text: string) => text, (text: string) => text.toLowerCase()])
        texts.add(
          [...signed]
            .sort(([a], [b]) => (key(a) < key(b) ? -1 : 1))
            .map(([one, content]) => `${name(one)}=${value(content)}`.toLowerCase())
            .join('&'),
        )
  return [...texts]
}

/** java.net.URLEncoder, with %20 for its plus sign. */
function javaEscape(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, percent)
}

/** RFC 3986: what is left bare is letters, digits and -._~ alone. */
function strictEscape(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, percent)
}

function bareAsterisk(text: string): string {
  return strictEscape(text).replaceAll('%2A', '*')
}

function bareBrackets(text: string): string {
  return bareAsterisk(text).replace(/%5B|%5D/g, decodeURIComponent)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
