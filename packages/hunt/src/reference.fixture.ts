/**
 * The slow, obvious matcher that the scanner must equal: each indicator of its own, by regular expressions over one line,
 * read as one character a byte. Written from the README of this room.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { rangeOf } from '@tocsin/model'
import type { HuntedType } from './types.ts'

export interface Value {
  readonly type: HuntedType
  readonly value: string
}

interface Piece {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** `indicator start-end` of everything found, sorted. */
export function referenceFinds(indicators: readonly Value[], line: Buffer): string[] {
  const text = line.toString('latin1')
  const names = namesIn(text)
  const addresses = [...addressesIn(text), ...longAddressesIn(text)]
  const finds = indicators.flatMap(({ type, value }, number) =>
    findsOf(type, value, text, names, addresses).map(({ start, end }) => `${number} ${start}-${end}`)
  )
  return [...new Set(finds)].sort()
}

function findsOf(
  type: HuntedType,
  value: string,
  text: string,
  names: readonly Piece[],
  addresses: readonly Piece[]
): Pick<Piece, 'start' | 'end'>[] {
  switch (type) {
    case 'domain':
      return names.filter(({ text: name }) => name === value || name.endsWith(`.${value}`))
    case 'ipv4':
    case 'ipv6':
    case 'cidr': {
      const range = rangeOf(value)
      return addresses.filter((address) => {
        const one = rangeOf(address.text)
        return range !== undefined && one?.bits === range.bits && one.first >= range.first && one.last <= range.last
      })
    }
    case 'email': {
      const at = value.lastIndexOf('@')
      const local = Buffer.from(value.slice(0, at)).toString('latin1')
      return names.filter(({ text: name }) => name === value.slice(at + 1)).flatMap((host) => mailAt(text, host, local))
    }
    case 'url':
      return [...names, ...addresses].flatMap((host) => linkAt(text, host, value))
    default:
      return hexIn(text).filter(({ text: digits }) => digits === value)
  }
}

/** Length of the escape that begins before `at` and goes on there. */
function escapeAt(text: string, at: number): number {
  const rest = text.slice(at)
  if (text[at - 1] === '%') return /^[0-9a-f]{2}/i.test(rest) ? 2 : 0
  if (text[at - 1] !== '\\' || text[at - 2] === '\\') return 0
  return /^(?:[nrtbf]|u[0-9a-f]{4}|x[0-9a-f]{2})/i.test(rest) && /^[nrtbfux]/.test(rest)
    ? (/^(?:[nrtbf]|u[0-9a-f]{4}|x[0-9a-f]{2})/i.exec(rest)?.[0].length ?? 0)
    : 0
}

/** Runs of what names are written with, without the escape that reaches in; beyond ASCII taken apart at signs. */
function runsIn(text: string): Piece[] {
  return [...text.matchAll(/[0-9A-Za-z._\-\x80-\xff]+/g)].flatMap(({ 0: run, index }) => {
    const start = index + Math.min(run.length, escapeAt(text, index))
    const own = text.slice(start, index + run.length)
    if (!/[\x80-\xff]/.test(own)) return [{ text: own, start, end: start + own.length }]
    const decoded = Buffer.from(own, 'latin1').toString('utf8')
    if (decoded.includes('\ufffd')) return []
    return [...decoded.matchAll(/[\p{L}\p{M}\p{N}._\-\u200c\u200d]+/gu)].map(({ 0: piece, index: place }) => {
      const from = start + Buffer.byteLength(decoded.slice(0, place))
      return { text: piece, start: from, end: from + Buffer.byteLength(piece) }
    })
  })
}

function stripped({ text, start }: Piece): Piece {
  const [, lead = '', name = ''] = /^(\.*)(.*?)\.*$/s.exec(text) ?? []
  const from = start + lead.length
  return { text: name, start: from, end: from + Buffer.byteLength(name) }
}

function namesIn(text: string): Piece[] {
  return runsIn(text)
    .filter((run) => !/^[0-9._-]*$/.test(run.text))
    .map(stripped)
    .map((run) => ({
      ...run,
      text: /^[\x21-\x7e]*$/.test(run.text) ? run.text.toLowerCase() : domainToASCII(run.text)
    }))
}

function addressesIn(text: string): Piece[] {
  return runsIn(text)
    .filter((run) => /^[0-9.-]+$/.test(run.text))
    .flatMap((run) =>
      [...run.text.matchAll(/[^-]+/g)].map((it) => stripped({ text: it[0], start: run.start + it.index, end: 0 }))
    )
    .filter((piece) => isIPv4(piece.text))
}

function longAddressesIn(text: string): Piece[] {
  return [...text.matchAll(/[0-9a-f:.]+/gi)].flatMap(({ 0: run, index }) => {
    let [start, own] = [index, run]
    const cut = (count: number): void => {
      own = own.slice(count)
      start += count
    }
    if (!own.includes(':')) return []
    if (/[\w\x80-\xff]/.test(text[start - 1] ?? '')) cut(own.indexOf(':') + 1)
    else if (/^:[^:]/.test(own)) cut(1)
    if (/[\w\x80-\xff]/.test(text[index + run.length] ?? '')) {
      own = own.slice(0, Math.max(0, own.lastIndexOf(':')))
      if (own.endsWith(':')) return []
    }
    own = own.replace(/\.+$/, '')
    if (/[^:]:$/.test(own)) own = own.slice(0, -1)
    if (!isIPv6(own)) return []
    // In dotted form it is met as an IPv4 address.
    return own.includes('.') && rangeOf(own)?.bits === 32 ? [] : [{ text: own, start, end: start + own.length }]
  })
}

function hexIn(text: string): Piece[] {
  return [...text.matchAll(/[0-9A-Za-z]+/g)].map(({ 0: run, index }) => {
    const lead = escapeAt(text, index)
    return { text: run.slice(lead).toLowerCase(), start: index + lead, end: index + run.length }
  })
}

function mailAt(text: string, host: Piece, local: string): Pick<Piece, 'start' | 'end'>[] {
  const before = text.slice(0, host.start)
  const sign = /(?:@|%40)$/.exec(before)?.[0]
  if (sign === undefined) return []
  const start = before.length - sign.length - local.length
  const found = start >= 0 && foldAscii(before.slice(start, before.length - sign.length)) === foldAscii(local)
  const goesOn = /[0-9A-Za-z.\-_+\x80-\xff]/.test(text[start - 1] ?? '')
  const escaped = [1, 2, 3, 5].some((length) => start >= length && escapeAt(text, start - length) === length)
  return found && (!goesOn || escaped) ? [{ start, end: host.end }] : []
}

const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

const PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ftp: '21' }

function linkAt(text: string, host: Piece, value: string): Pick<Piece, 'start' | 'end'>[] {
  const [, wantedHost = '', wantedPort = '', tail = ''] =
    /^[^:]+:\/\/(\[[^\]]*\]|[^/:?#]*)(?::(\d+))?(.*)$/s.exec(value) ?? []
  const wanted = Buffer.from(/^\//.test(tail) ? tail : `/${tail}`).toString('latin1')
  const bare = wantedHost.replace(/^\[|\]$/g, '')
  const isAddress = rangeOf(bare) !== undefined
  if (
    isAddress
      ? rangeOf(host.text)?.first !== rangeOf(bare)?.first || rangeOf(host.text)?.bits !== rangeOf(bare)?.bits
      : host.text !== bare
  )
    return []
  let [begin, at] = [host.start, host.end]
  if (text[at] === ']') {
    begin -= 1
    at += 1
  }
  const digits = /^:(\d+)/.exec(text.slice(at))?.[1]
  if (digits !== undefined && digits.length > 5) return []
  if (digits !== undefined) at += 1 + digits.length
  const port = digits === undefined ? undefined : String(Number(digits))
  const slashes = /(?:([0-9A-Za-z]{0,8})(:))?(?:\\?\/){2}$/.exec(text.slice(0, begin))
  if (slashes === null && !/^\\?\//.test(text.slice(at))) return []
  const scheme = slashes === null ? undefined : (slashes[1] ?? '').toLowerCase()
  if (slashes?.[2] !== undefined) begin = slashes.index
  const standard = scheme === undefined ? port === '80' || port === '443' : PORTS[scheme] === port
  if ((port === undefined || standard ? '' : port) !== wantedPort) return []
  // What is written behind the host, with the place behind each character.
  const rest: [string, number][] = []
  if (!/^\\?\//.test(text.slice(at))) rest.push(['/', at])
  if (rest.length === 0 || /^[?#]/.test(text.slice(at)))
    for (const it of (/^(?:\\\/|[^\p{Cc} "<>`\\])*/u.exec(text.slice(at))?.[0] ?? '').matchAll(/\\?([^\\])/g))
      rest.push([it[1] ?? '', at + it.index + it[0].length])
  if (
    rest
      .slice(0, wanted.length)
      .map(([it]) => it)
      .join('') !== wanted
  )
    return []
  const end = rest[wanted.length - 1]?.[1] ?? at
  const edge = /[/?#&;=,)\]}|!*:']/
  const next = rest[wanted.length]?.[0]
  const isEdge =
    edge.test(wanted.at(-1) ?? '') ||
    next === undefined ||
    edge.test(next) ||
    (next === '.' && rest[wanted.length + 1] === undefined)
  return isEdge ? [{ start: begin, end }] : []
}
