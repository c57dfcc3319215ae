import { createHmac, timingSafeEqual } from 'node:crypto'

/** X-CS-Signature: base64 of HMAC-SHA256 over the body as it came. */
export function isFromCloudstack(body: string, signature: string | undefined, secret: string): boolean {
  const wanted = createHmac('sha256', secret).update(body).digest()
  const given = Buffer.from(signature ?? '', 'base64')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
