import { createHash } from 'node:crypto'
import { headed } from './head.ts'
import { withoutSerial } from './serial.ts'

/**
 * SHA-256 (hex) of a feed's text in UTF-8, its SOA serial left out: equal exactly if the content is equal, wherever
 * the pieces are cut. A serial moves only when this does.
 */
export async function contentHash(pieces: AsyncIterable<string>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of headed(pieces, withoutSerial)) hash.update(piece, 'utf8')
  return hash.digest('hex')
}

/**
 * A strong entity tag (RFC 9110 §8.8.3) for a feed with this content. Other encodings of the same content (`gzip`) are
 * other representations and need a tag of their own.
 */
export function feedEtag(hash: string, encoding?: string): string {
  const tag = hash.slice(0, 32)
  return encoding === undefined ? `"${tag}"` : `"${tag}-${encoding}"`
}

/** True if `If-None-Match` names this tag or `*`: weak comparison (RFC 9110 §13.1.2), the answer is then 304. */
export function etagMatches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined || ifNoneMatch.length > 4096) return false
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''))
}
