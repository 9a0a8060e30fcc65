/** Which listed links a met one is: by host, port and the beginning of the path, as logs are hunted (packages/hunt). */

/** Places of a link where a piece ends that are asked for; no honest link has as many. */
const MOST_PIECES = 64

/** Bytes at which a piece of a link ends. */
const EDGE = /[/?#&;=,)\]}|!*:']/

/**
 * Every URL in normal form that stands for the beginning of this one: `/a` for `/a/b` and `/a?x`, not for `/abc`. Any of
 * the schemes of the web, since what is called over http today is called over https tomorrow. The link itself comes first.
 */
export function linksAbove(url: string): readonly string[] {
  const [, scheme = '', authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)(.*)$/s.exec(url) ?? []
  if (scheme === '') return [url]
  // `http://x?q` is `http://x/?q`, and `http://x` is `http://x/`.
  const path = rest.startsWith('/') ? rest : `/${rest}`
  const beginnings = new Set<string>([rest, path, '', '/'])
  const isBare = /^\/[?#]/.test(path)
  if (isBare) beginnings.add(path.slice(1))
  for (let at = 1; at < path.length && beginnings.size < MOST_PIECES; at += 1) {
    if (!EDGE.test(path[at] as string) && !EDGE.test(path[at - 1] as string)) continue
    beginnings.add(path.slice(0, at))
    if (isBare) beginnings.add(path.slice(1, at))
  }
  const schemes = scheme === 'http' ? ['http', 'https'] : ['https', 'http']
  return schemes.flatMap((one) => [...beginnings].map((beginning) => `${one}://${authority}${beginning}`))
}
