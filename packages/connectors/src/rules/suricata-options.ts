/** The options of a rule, held against a part of Suricata's language of which every sentence loads. */
export interface SuricataOption {
  readonly word: string
  readonly value: string | undefined
}

/** What would act, keep files, run code, read a file, change what is seen, or share a state with rules of others. */
const ACTS = new Set(
  (
    'lua luajit luaxform filestore dataset datarep filemd5 filesha1 filesha256 iprep replace bypass tag config flowbits ' +
    'flowint hostbits xbits noalert target'
  ).split(' ')
)

type Way = 'to_server' | 'to_client' | 'both'

/** Buffers: the protocol that has them, and which way it goes. */
const BUFFERS: Readonly<Record<string, readonly [protocol: string, way: Way]>> = {
  'dns.query': ['dns', 'to_server'],
  'tls.sni': ['tls', 'to_server'],
  'tls.cert_subject': ['tls', 'to_client'],
  'tls.cert_issuer': ['tls', 'to_client'],
  'ja3.hash': ['tls', 'to_server'],
  'ja3s.hash': ['tls', 'to_client'],
  'http.uri': ['http', 'to_server'],
  'http.uri.raw': ['http', 'to_server'],
  'http.host': ['http', 'to_server'],
  'http.user_agent': ['http', 'to_server'],
  'http.method': ['http', 'to_server'],
  'http.referer': ['http', 'to_server'],
  'http.request_body': ['http', 'to_server'],
  'http.header': ['http', 'both'],
  'http.cookie': ['http', 'both'],
  'http.content_type': ['http', 'both'],
  'http.stat_code': ['http', 'to_client'],
  'http.response_body': ['http', 'to_client'],
  'http.server': ['http', 'to_client'],
  'http.location': ['http', 'to_client'],
  'file.data': ['http', 'to_client']
}

/** What these are told, each once in a rule but for the references. */
const ABOUT: Readonly<Record<string, RegExp>> = {
  msg: /^"(?:[^"\\;]|\\["\\;]){1,500}"$/u,
  sid: /^\d{1,10}$/,
  rev: /^[1-9]\d{0,5}$/,
  gid: /^1$/,
  priority: /^[1-9]$/,
  classtype: /^[a-z][a-z0-9-]{0,63}$/,
  reference: /^(?:url|cve),[\w./?=&%~+-]{1,500}$/,
  metadata: /^[a-z_]+ [\w.:/@+-]+(?:, ?[a-z_]+ [\w.:/@+-]+){0,31}$/,
  threshold:
    /^type (?:limit|threshold|both), ?track by_(?:src|dst|both), ?(?:count [1-9]\d{0,4}, ?seconds [1-9]\d{0,5}|seconds [1-9]\d{0,5}, ?count [1-9]\d{0,4})$/
}

const FLOW = /^(?:(?:established|stateless)(?:, ?(?:to_server|to_client))?|(?:to_server|to_client)(?:, ?established)?)$/
const CONTENT = /^(!?)"((?:[ !#-9<-[\]-{}~]|\\[";:\\]|\|[0-9A-Fa-f]{2}(?: ?[0-9A-Fa-f]{2})*\|)+)"$/
/** Buffers with a name of the DNS, to which a dot may be put. */
const NAMES = new Set(['dns.query', 'tls.sni', 'http.host'])
const FIXED = new Set(['startswith', 'endswith'])
const ABSOLUTE = new Set(['depth', 'offset'])
const RELATIVE = new Set(['distance', 'within'])

interface Content {
  readonly length: number
  readonly isNegated: boolean
  readonly isFirst: boolean
  readonly text: string
  readonly said: Map<string, string | undefined>
}

/** Why no file may hold a rule with these options; undefined if one may. */
export function suricataFault(
  options: readonly SuricataOption[],
  protocol: string
): 'rule-acts' | 'rule-malformed' | undefined {
  if (options.some(({ word }) => ACTS.has(word))) return 'rule-acts'
  return isLoaded(options, protocol) ? undefined : 'rule-malformed'
}

function isLoaded(options: readonly SuricataOption[], protocol: string): boolean {
  const once = new Set<string>()
  const ways = new Set<Way>()
  const buffers = new Map<string, Content[]>()
  const dotted = new Set<string>()
  let buffer = ''
  for (const { word, value } of options) {
    const about = Object.hasOwn(ABOUT, word) ? ABOUT[word] : undefined
    if (about !== undefined || word === 'flow') {
      if (value === undefined || !(about ?? FLOW).test(value)) return false
      if (word !== 'reference' && once.has(word)) return false
      once.add(word)
      const way = word === 'flow' ? /to_server|to_client/.exec(value)?.[0] : undefined
      if (word === 'flow' && !['tcp', 'http', 'tls', 'smtp', 'ssh', 'ftp', 'smb'].includes(protocol)) return false
      if (way !== undefined) ways.add(way as Way)
    } else if (Object.hasOwn(BUFFERS, word)) {
      const [of, way] = BUFFERS[word] ?? ['', 'both']
      // A buffer named twice looks in one place: its contents are one list.
      if (value !== undefined || of !== protocol || buffers.has(word)) return false
      if (buffer !== '' && buffers.get(buffer)?.length === 0) return false
      ways.add(way)
      buffer = word
      buffers.set(word, [])
    } else if (word === 'dotprefix') {
      if (value !== undefined || !NAMES.has(buffer) || buffers.get(buffer)?.length !== 0 || dotted.has(buffer))
        return false
      dotted.add(buffer)
    } else if (word === 'content') {
      const [, negation, text] = CONTENT.exec(value ?? '') ?? []
      if (text === undefined) return false
      const all = buffers.get(buffer) ?? []
      buffers.set(buffer, [...all, contentOf(text, negation === '!', all.length === 0)])
    } else {
      const content = buffers.get(buffer)?.at(-1)
      if (content === undefined || content.said.has(word)) return false
      content.said.set(word, value)
    }
  }
  ways.delete('both')
  const contents = [...buffers.entries()]
  return (
    once.has('msg') &&
    ways.size <= 1 &&
    contents.every(
      ([name, all]) => all.length > 0 && all.every((content) => isContent(content, name, all.length === 1))
    ) &&
    contents.flatMap(([, all]) => all).filter(({ said }) => said.has('fast_pattern')).length <= 1
  )
}

function contentOf(text: string, isNegated: boolean, isFirst: boolean): Content {
  const octets = text
    .replace(/\|([^|]*)\|/g, (_, hex: string) => '_'.repeat(hex.replaceAll(' ', '').length / 2))
    .replace(/\\./g, '_')
  return { length: octets.length, isNegated, isFirst, text, said: new Map() }
}

function isContent({ length, isNegated, isFirst, text, said }: Content, buffer: string, isAlone: boolean): boolean {
  const words = [...said.keys()]
  const has = (some: ReadonlySet<string>): boolean => words.some((word) => some.has(word))
  // How a place is said: one way of three.
  if ([has(FIXED), has(ABSOLUTE), has(RELATIVE)].filter(Boolean).length > 1) return false
  if (has(RELATIVE) && isFirst) return false
  // It is the whole then: another would have to be in it.
  if (said.has('startswith') && said.has('endswith') && !isAlone) return false
  // Suricata adds an offset to what the length of the whole has to hold, so that a place in it is another bound.
  if (said.has('bsize') && (has(ABSOLUTE) || has(RELATIVE))) return false
  if (said.has('fast_pattern') && isNegated) return false
  if (length > 255) return false
  // Suricata lowers the case of these itself, and refuses to be told to.
  if (buffer === 'http.host' && (said.has('nocase') || /[A-Z]/.test(text) || text.includes('|'))) return false
  // Of the hash of a handshake, no part is looked for.
  if (/^ja3s?\./.test(buffer) && (!/^[0-9a-f]{32}$/.test(text) || words.length > 0)) return false
  if (buffer === 'http.method' && !/^[A-Z]+$/.test(text)) return false
  return words.every((word) => {
    const value = said.get(word)
    if (['nocase', 'fast_pattern', 'startswith', 'endswith'].includes(word)) return value === undefined
    if (value === undefined) return false
    if (word === 'distance') return /^\d{1,4}$/.test(value)
    if (word === 'offset') return /^\d{1,4}$/.test(value)
    if (word === 'depth' || word === 'within') return /^\d{1,4}$/.test(value) && Number(value) >= length
    return word === 'bsize' && buffer !== '' && /^\d{1,4}$/.test(value) && isAlone && Number(value) >= length
  })
}
