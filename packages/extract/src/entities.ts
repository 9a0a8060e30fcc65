/** The named character references (HTML §13.5) that mails use: punctuation that hides links, and French letters. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  shy: '\u00ad',
  zwnj: '\u200c',
  zwj: '\u200d',
  period: '.',
  colon: ':',
  sol: '/',
  bsol: '\\',
  commat: '@',
  num: '#',
  quest: '?',
  equals: '=',
  percnt: '%',
  plus: '+',
  lowbar: '_',
  hyphen: '-',
  lpar: '(',
  rpar: ')',
  lsqb: '[',
  rsqb: ']',
  comma: ',',
  semi: ';',
  excl: '!',
  laquo: '«',
  raquo: '»',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  bull: '•',
  middot: '·',
  euro: '€',
  eacute: 'é',
  egrave: 'è',
  ecirc: 'ê',
  euml: 'ë',
  agrave: 'à',
  acirc: 'â',
  ccedil: 'ç',
  icirc: 'î',
  iuml: 'ï',
  ocirc: 'ô',
  ugrave: 'ù',
  ucirc: 'û',
  oelig: 'œ',
  Eacute: 'É',
  Egrave: 'È',
  Agrave: 'À',
  Ccedil: 'Ç'
}

const REFERENCE = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?/iy

/** The character reference that begins at `at`, decoded, and its length; undefined for a plain ampersand. */
export function referenceAt(
  source: string,
  at: number
): { readonly text: string; readonly length: number } | undefined {
  REFERENCE.lastIndex = at
  const match = REFERENCE.exec(source)
  if (match === null) return undefined
  const [written, decimal, hex, name] = match
  if (name !== undefined) {
    // 'a=1&lt=2' in a link is no '<': without its semicolon a name counts only where it is old and certain.
    const text = written.endsWith(';') || name === 'amp' ? NAMED[name] : undefined
    return text === undefined ? undefined : { text, length: written.length }
  }
  const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  const isCharacter = point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
  return { text: isCharacter ? String.fromCodePoint(point) : '\ufffd', length: written.length }
}
