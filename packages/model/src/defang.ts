/**
 * Defanging shows an indicator so that no chat, mail reader or terminal makes a link of it; refanging reads what
 * people and tools wrote so. Both look at one value, not at prose: `extract` finds values in texts.
 */

// Soft hyphen, zero-width characters, word joiner, byte order mark: invisible, and put there to break links or filters.
const INVISIBLE = /[\u00AD\u200B-\u200D\u2060\uFEFF]/gu

const STEPS: readonly (readonly [RegExp, string])[] = [
  [INVISIBLE, ''],
  [/[\uFF0E\u3002]/gu, '.'],
  [/\uFF20/gu, '@'],
  [/\uFF1A/gu, ':'],
  // [.] (.) {.} <.> and, in words, [dot] (point); also with one bracket forgotten: `evil[.com`, `evil.]com`
  [/[[({<]\s?(?:\.|dot|d0t|point)\s?[\])}>]/gi, '.'],
  [/\[\.|\.\]/g, '.'],
  [/[[({<]\s?(?:@|at|arobase|arobas)\s?[\])}>]/gi, '@'],
  [/[[({]\s?:\s?\/\/\s?[\])}]/g, '://'],
  [/[[({]\s?:\s?[\])}]/g, ':'],
  [/[[({]\s?\/\s?[\])}]/g, '/'],
  [/^(\s*)(?:h[x*]{2}p|hxtp|htxp|h__p|meow|nxxp)(s?)(?=:|_|\s)/i, '$1http$2'],
  [/^(\s*)fxp(s?)(?=:)/i, '$1ftp$2'],
  // Two underscores stand in mail addresses too: behind a scheme that is known alone.
  [/^(\s*(?:https?|s?ftp|ftps|ldaps?|smb|ssh|rdp|tcp|udp))__(?=\S)/i, '$1://'],
  [/^(\s*[a-z]{2,6})(?::\\\\|\s?:\s?\/\/)(?=\S)/i, '$1://']
]

/**
 * The value as it was before somebody defanged it: `hxxps://www[.]evil(dot)example` → `https://www.evil.example`.
 * What was not defanged comes back unchanged, apart from invisible characters.
 */
export function refang(text: string): string {
  return STEPS.reduce((value, [pattern, replacement]) => value.replace(pattern, replacement), text)
}

/** `203.0.113.4` → `203[.]0[.]113[.]4`, `2001:db8::1` → `2001[:]db8[:][:]1`: for names, addresses and ranges. */
export function defangName(value: string): string {
  return value.replace(/[.:]/g, '[$&]')
}

/** `user@evil.example` → `user[@]evil[.]example`: e-mail addresses, Message-IDs and accounts. */
export function defangMail(value: string): string {
  const at = value.lastIndexOf('@')
  return at < 0 ? value : `${value.slice(0, at)}[@]${value.slice(at + 1).replaceAll('.', '[.]')}`
}

/** `https://evil.example/a.b` → `hxxps://evil[.]example/a.b`; other schemes lose their colon: `ldap[:]//…`. */
export function defangUrl(value: string): string {
  const [, scheme = '', host = '', rest = ''] = /^([a-z0-9+.-]+):\/\/([^/?#]*)(.*)$/su.exec(value) ?? []
  if (scheme === '') return defangText(value)
  const shown = host.replaceAll('.', '[.]')
  const start = /^https?$/.test(scheme) ? scheme.replace('tt', 'xx') : undefined
  return start === undefined ? `${scheme}[:]//${shown}${rest}` : `${start}://${shown}${rest}`
}

/** Free text in which only whole URLs would become links: `http://x` → `http[:]//x`, `www.x` → `www[.]x`. */
export function defangText(value: string): string {
  return value.replaceAll('://', '[:]//').replace(/\bwww\./gi, (www) => `${www.slice(0, -1)}[.]`)
}
