/** Mixed logs of a university from a seed: what its servers write, and among it what indicators would find. */
import { createRandom, indicatorAt } from '../data.ts'

export interface LogOptions {
  readonly seed: number
  /** Of the text, in bytes: the last line is whole. */
  readonly bytes: number
  /** How many indicators there are; some lines hold one of them. */
  readonly indicators: number
  /** One line in so many holds an indicator. */
  readonly every: number
}

/** Text handed on at once, in UTF-16 units; all of it is ASCII. */
const PIECE = 1 << 20

/** The logs in pieces of whole lines. */
export function* mixedLogs({ seed, bytes, indicators, every }: LogOptions): Generator<string> {
  const random = createRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const source: Source = { below, pick: (list) => list[below(list.length)] as never, at: Date.UTC(2026, 10, 24, 6) }
  let total = 0
  let piece = ''
  while (total < bytes) {
    source.at += below(40)
    const text = source.pick(KINDS)(source, below(every) === 0 ? indicatorAt(seed, below(indicators)) : undefined)
    piece += `${text}\n`
    total += text.length + 1
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}

interface Source {
  below(limit: number): number
  pick<T>(list: readonly T[]): T
  /** ms since epoch of the line. */
  at: number
}

/** What a line of each kind can hold of an indicator. */
interface Held {
  readonly type: string
  readonly value: string
}

type Kind = (source: Source, held: Held | undefined) => string

const hexDigits = (source: Source, length: number): string =>
  Array.from({ length: length / 8 }, () =>
    source
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0')
  ).join('')

const outside = (source: Source): string =>
  `${source.pick(NETS)}.${source.below(256)}.${source.below(256)}.${1 + source.below(254)}`
const inside = (source: Source): string => `10.${source.below(64)}.${source.below(256)}.${1 + source.below(254)}`
const user = (source: Source): string => `${source.pick(FIRST)}.${source.pick(LAST)}${source.below(90)}`
const site = (source: Source): string => {
  const number = Math.floor(SITES.length * (source.below(10_000) / 10_000) ** 3)
  return `${SITES[number]}.${ENDINGS[number % ENDINGS.length]}`
}
const host = (source: Source): string => `${source.pick(SUBS)}.${site(source)}`
const path = (source: Source): string =>
  `/${source.pick(PATHS)}/${source.pick(PATHS)}/${source.below(100_000)}${source.pick(ENDS)}`
const addressOf = (source: Source, held: Held | undefined): string =>
  held?.type === 'ipv4' ? held.value : outside(source)
const nameOf = (source: Source, held: Held | undefined): string =>
  held?.type === 'domain' ? `${source.below(2) === 0 ? '' : 'www.'}${held.value}` : host(source)
const urlOf = (source: Source, held: Held | undefined): string => {
  if (held?.type === 'url') return `${held.value}${source.below(2) === 0 ? '' : '?id=7'}`
  return `${source.below(4) === 0 ? 'http' : 'https'}://${nameOf(source, held)}${path(source)}`
}
const mailOf = (source: Source, held: Held | undefined): string =>
  held?.type === 'email' ? held.value : `${user(source)}@${site(source)}`

const two = (number: number): string => (number < 10 ? `0${number}` : `${number}`)
function syslog(source: Source, name: string): string {
  const date = new Date(source.at)
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `Nov ${date.getUTCDate()} ${time} ${name}`
}
function combinedTime(source: Source): string {
  const date = new Date(source.at)
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `[${two(date.getUTCDate())}/Nov/2026:${time} +0100]`
}

/** One writer a kind of log, in the shapes of nginx, Squid, BIND, Postfix, sshd, Suricata, Zeek and an EDR. */
const KINDS: readonly Kind[] = [
  (source, held) =>
    `${addressOf(source, held)} - - ${combinedTime(source)} "GET ${path(source)} HTTP/1.1" ${source.pick(STATUS)} ${source.below(90_000)} "${urlOf(source, held)}" "${source.pick(AGENTS)}"`,
  (source, held) =>
    `${(source.at / 1000).toFixed(3)} ${source.below(9_000)} ${inside(source)} TCP_MISS/${source.pick(STATUS)} ${source.below(90_000)} GET ${urlOf(source, held)} ${user(source)} HIER_DIRECT/${addressOf(source, held)} text/html`,
  (source, held) =>
    `${syslog(source, 'ns1')} named[812]: client @0x7f${hexDigits(source, 8)} ${inside(source)}#${1024 + source.below(60_000)} (${nameOf(source, held)}): query: ${nameOf(source, held)} IN A +E(0)K (10.0.0.53)`,
  (source, held) =>
    `${syslog(source, 'mx2')} postfix/smtpd[${source.below(32_000)}]: NOQUEUE: reject: RCPT from ${host(source)}[${addressOf(source, held)}]: 554 5.7.1 Service unavailable; from=<${mailOf(source, held)}> to=<${user(source)}@univ-reims.example> proto=ESMTP helo=<${nameOf(source, held)}>`,
  (source, held) =>
    `${syslog(source, 'login3')} sshd[${source.below(32_000)}]: Failed password for invalid user ${source.pick(FIRST)} from ${addressOf(source, held)} port ${1024 + source.below(60_000)} ssh2`,
  (source, held) =>
    `{"timestamp":"${new Date(source.at).toISOString()}","flow_id":${source.below(2 ** 31)}${source.below(2 ** 20)},"in_iface":"eth2","event_type":"http","src_ip":"${inside(source)}","src_port":${1024 + source.below(60_000)},"dest_ip":"${addressOf(source, held)}","dest_port":443,"proto":"TCP","http":{"hostname":"${nameOf(source, held)}","url":"${path(source)}","http_method":"GET","protocol":"HTTP/1.1","status":${source.pick(STATUS)},"length":${source.below(90_000)}}}`,
  (source, held) =>
    `${(source.at / 1000).toFixed(6)}\tC${hexDigits(source, 16)}\t${inside(source)}\t${1024 + source.below(60_000)}\t${addressOf(source, held)}\t443\ttcp\tssl\t${(source.below(9_000) / 1000).toFixed(6)}\t${source.below(9_000)}\t${source.below(90_000)}\tSF\tT\tF\t0\tShADadFf`,
  (source, held) =>
    `${new Date(source.at).toISOString()} edr[${source.below(9_000)}]: process=${source.pick(PROGRAMS)} user=${user(source)} sha256=${held?.type === 'sha256' ? held.value : hexDigits(source, 64)} parent=explorer.exe net=${nameOf(source, held)}`
]

const NETS = ['81', '90', '109', '176', '185', '193', '195', '212']
const FIRST = ['claire', 'jean', 'amina', 'paul', 'sophie', 'yann', 'lucie', 'marc', 'nadia', 'hugo']
const LAST = ['martin', 'bernard', 'dubois', 'petit', 'durand', 'leroy', 'moreau', 'simon', 'laurent', 'michel']
const SUBS = ['www', 'cdn', 'static', 'api', 'img', 'mail', 'login', 'assets', 'media', 'updates']
const SYLLABLES = [
  'ba',
  'ren',
  'lo',
  'mi',
  'tur',
  'ke',
  'san',
  'vo',
  'pel',
  'gri',
  'nu',
  'tech',
  'med',
  'lab',
  'cam',
  'dor'
]
/** Few of them are met often, as on any network. */
const SITES = SYLLABLES.flatMap((a) => SYLLABLES.flatMap((b) => SYLLABLES.map((c) => `${a}${b}${c}`)))
const ENDINGS = ['fr', 'com', 'org', 'net', 'info', 'eu', 'example']
const PATHS = ['moodle', 'course', 'view', 'assets', 'js', 'css', 'images', 'articles', 'user', 'search', 'download']
const ENDS = ['', '.html', '.js', '.png', '.php?id=12', '/index']
const STATUS = [200, 200, 200, 200, 206, 301, 304, 403, 404, 500]
const PROGRAMS = ['chrome.exe', 'winword.exe', 'powershell.exe', 'svchost.exe', 'teams.exe', 'python.exe']
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1',
  'curl/8.10.1',
  'python-requests/2.32.3'
]
