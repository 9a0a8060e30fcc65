#!/usr/bin/env node
/**
 * A second reader of the protocol, written from docs/protocol.md alone: one file, the builtins of Node, nothing of
 * packages/. It shows that the document suffices, and disagrees where the packages do not do what it says.
 *
 *   node scripts/protocol-reader.mjs test/vectors
 *
 * reads every vector (test/vectors/README.md), prints a line for each file and a last one, and ends with status 1 where
 * one failed. Section signs (§) are the document's.
 */
import { createHash, createPrivateKey, createPublicKey, diffieHellman, scryptSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { domainToASCII, domainToUnicode } from 'node:url'
import zlib from 'node:zlib'

/** A record that must be refused, with its code. */
class No extends Error {
  constructor(code) {
    super(code)
    this.code = code
  }
}
const no = (code) => {
  throw new No(code)
}
const must = (holds, code) => holds || no(code)

const MAX = Number.MAX_SAFE_INTEGER
const hex = (bytes) => Buffer.from(bytes).toString('hex')
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'))
const ascii = (text) => new Uint8Array(Buffer.from(text, 'latin1'))
const join8 = (...parts) => new Uint8Array(Buffer.concat(parts))
const same = (a, b) => Buffer.compare(a, b) === 0
const isZero = (bytes) => bytes.every((byte) => byte === 0)
const H = (...parts) =>
  new Uint8Array(
    createHash('sha256')
      .update(join8(...parts))
      .digest()
  )
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
const be = (value, width) =>
  unhex(
    BigInt(value)
      .toString(16)
      .padStart(2 * width, '0')
  )

/** Fixed-width fields from the front; an integer of 8 bytes above 2^53 − 1 is undefined (§1). */
function fields(bytes) {
  let at = 0
  const raw = (width) => {
    at += width
    return bytes.subarray(at - width, at)
  }
  const int = (width) => {
    const value = BigInt(`0x${hex(raw(width))}`)
    return value <= BigInt(MAX) ? Number(value) : undefined
  }
  return { raw, int, hex: (width) => hex(raw(width)) }
}

// ---------------------------------------------------------------- §2 keys and names

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function base58(bytes) {
  let value = BigInt(`0x${hex(bytes)}`)
  let text = ''
  for (; value > 0n; value /= 58n) text = BASE58[Number(value % 58n)] + text
  return '1'.repeat(bytes.findIndex((byte) => byte !== 0)) + text
}

function unbase58(text) {
  const value = [...text].reduce((sum, digit) => sum * 58n + BigInt(BASE58.indexOf(digit)), 0n)
  const digits = value === 0n ? '' : value.toString(16)
  const zeros = /^1*/.exec(text)[0].length
  return join8(new Uint8Array(zeros), unhex(digits.length % 2 ? `0${digits}` : digits))
}

const didOf = (key) => `did:key:z${base58(join8(unhex('ed01'), key))}`
const isDid = (text) =>
  typeof text === 'string' && /^did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/.test(text) && !/\n/.test(text)

function keyOf(did) {
  must(isDid(did), 'institution-id-malformed')
  const bytes = unbase58(did.slice(9))
  must(bytes.length === 34 && hex(bytes).startsWith('ed01'), 'institution-id-malformed')
  must(didOf(bytes.subarray(2)) === did, 'institution-id-malformed')
  return bytes.subarray(2)
}

function comparisonNumber(key) {
  const options = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
  const derived = scryptSync(key, ascii('tocsin/comparison-number/1\0'), 32, options)
  const digits = (BigInt(`0x${hex(derived)}`) % 10n ** 27n).toString().padStart(27, '0')
  return digits.replace(/(...)(?=.)/g, '$1 ')
}

function cardText(text) {
  must(text.length <= 2 ** 20, 'card-text')
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace(/^[\s>]+/, '').replace(/\s+$/, ''))
  const places = (mark) => lines.flatMap((line, at) => (line === mark ? [at] : []))
  const begins = places('-----BEGIN TOCSIN CARD-----')
  const ends = places('-----END TOCSIN CARD-----')
  must(begins.length === 1 && ends.length === 1 && begins[0] < ends[0], 'card-text')
  const base64 = lines.slice(begins[0] + 1, ends[0]).join('')
  const bytes = Buffer.from(base64, 'base64')
  must(bytes.length > 0 && bytes.toString('base64') === base64, 'card-text')
  return bytes
}

// ---------------------------------------------------------------- §3 signatures

const P = 2n ** 255n - 19n
const L = 2n ** 252n + 27742317777372353535851937790883648493n
const mod = (a, m = P) => ((a % m) + m) % m
const power = (base, exponent) => {
  let result = 1n
  for (let bit = base; exponent > 0n; exponent >>= 1n, bit = (bit * bit) % P)
    if (exponent & 1n) result = (result * bit) % P
  return result
}
const invert = (a) => power(mod(a), P - 2n)
const D = mod(-121665n * invert(121666n))
const ROOT = power(2n, (P - 1n) / 4n)
const little = (bytes) => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`)

// Extended coordinates [X, Y, Z, T] of RFC 8032 §5.1.4.
const ZERO = [0n, 1n, 1n, 0n]
function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2))
  const b = mod((y1 + x1) * (y2 + x2))
  const c = mod(2n * D * t1 * t2)
  const d = mod(2n * z1 * z2)
  return [mod((b - a) * (d - c)), mod((d + c) * (b + a)), mod((d - c) * (d + c)), mod((b - a) * (b + a))]
}
function times(point, scalar) {
  let result = ZERO
  for (let power2 = point; scalar > 0n; scalar >>= 1n, power2 = add(power2, power2))
    if (scalar & 1n) result = add(result, power2)
  return result
}
const negate = ([x, y, z, t]) => [mod(-x), y, z, mod(-t)]
const isIdentity = ([x, y, z]) => x === 0n && y === z

function encodePoint([x, y, z]) {
  const inverse = invert(z)
  const value = mod(y * inverse) | ((mod(x * inverse) & 1n) << 255n)
  return be(value, 32).reverse()
}

/** The point of a canonical encoding, or undefined. */
function decodePoint(bytes) {
  if (bytes.length !== 32) return undefined
  const value = little(bytes)
  const y = value & (2n ** 255n - 1n)
  const sign = value >> 255n
  if (y >= P) return undefined
  const u = mod(y * y - 1n)
  const v = mod(D * y * y + 1n)
  let x = mod(u * v ** 3n * power(mod(u * v ** 7n), (P - 5n) / 8n))
  if (mod(v * x * x) !== u) x = mod(x * ROOT)
  if (mod(v * x * x) !== u || (x === 0n && sign === 1n)) return undefined
  if ((x & 1n) !== sign) x = mod(-x)
  return [x, y, 1n, mod(x * y)]
}
const BASE = decodePoint(be(mod(4n * invert(5n)), 32).reverse())

const admitted = new Map()
/** The point of an admissible key. */
function admit(key) {
  const name = hex(key)
  if (!admitted.has(name)) {
    const point = decodePoint(key)
    let fault
    if (point === undefined) fault = 'key-not-canonical'
    else if (isIdentity(point) || !isIdentity(times(point, L))) fault = 'key-bad-order'
    admitted.set(name, fault ?? point)
  }
  const found = admitted.get(name)
  return typeof found === 'string' ? no(found) : found
}

function verify(key, message, signature) {
  const A = admit(key)
  if (signature.length !== 64) return false
  const [R, S] = [signature.subarray(0, 32), little(signature.subarray(32))]
  if (S >= L || hex(R) === `01${'00'.repeat(31)}`) return false
  const k = little(createHash('sha512').update(R).update(key).update(message).digest()) % L
  return same(encodePoint(add(times(BASE, S), negate(times(A, k)))), R)
}
const signed = (domain, key, message, signature) => verify(key, join8(ascii(`${domain}\0`), message), signature)

// ---------------------------------------------------------------- §4 CBOR subset

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readCbor(bytes, { maxBytes, maxDepth, maxItems }) {
  must(bytes.length <= maxBytes, 'cbor-too-large')
  let at = 0
  let items = 1
  const left = () => bytes.length - at
  const take = (length) => {
    at += length
    return bytes.subarray(at - length, at)
  }

  /** [major, argument]; the argument of major 7 is the simple value. */
  const head = () => {
    must(left() > 0, 'cbor-truncated')
    const [major, info] = [bytes[at] >> 5, bytes[at] & 31]
    must(major !== 6, 'cbor-tag')
    if (major === 7) {
      must(info < 25 || info > 27, 'cbor-float')
      must(info !== 31, 'cbor-indefinite')
      must(info < 28, 'cbor-reserved')
      must(info >= 20 && info <= 22, 'cbor-simple')
    }
    must(info !== 31 || major < 2, 'cbor-indefinite')
    must(info < 28, 'cbor-reserved')
    at += 1
    if (info < 24) return [major, info]
    const width = 2 ** (info - 24)
    must(left() >= width, 'cbor-truncated')
    const value = BigInt(`0x${hex(take(width))}`)
    must(value >= (width === 1 ? 24n : 2n ** BigInt(4 * width)), 'cbor-not-minimal')
    // −1 − n: the least is −(2^53 − 1).
    must(major > 1 || value <= BigInt(MAX) - BigInt(major), 'cbor-int-range')
    return [major, Number(value)]
  }
  const text = (length) => {
    must(length <= left(), 'cbor-truncated')
    const part = take(length)
    must(!hex(part.subarray(0, 3)).startsWith('efbbbf'), 'cbor-bad-utf8')
    try {
      return utf8.decode(part)
    } catch {
      return no('cbor-bad-utf8')
    }
  }
  const item = (depth) => {
    const [major, argument] = head()
    if (major === 0) return argument
    if (major === 1) return -1 - argument
    if (major === 7) return argument === 22 ? null : argument === 21
    if (major === 3) return text(argument)
    const count = argument * (major === 5 ? 2 : 1)
    must(count <= left(), 'cbor-truncated')
    if (major === 2) return take(argument).slice()
    must(depth < maxDepth, 'cbor-too-deep')
    items += count
    must(items <= maxItems, 'cbor-too-many-items')
    if (major === 4) return Array.from({ length: argument }, () => item(depth + 1))
    const map = {}
    let before
    for (let pair = 0; pair < argument; pair++) {
      const [kind, length] = head()
      must(kind === 3, 'cbor-key-not-text')
      const key = text(length)
      const raw = Buffer.from(key)
      const place = before && (before.length - raw.length || Buffer.compare(before, raw))
      must(place !== 0, 'cbor-duplicate-key')
      must(before === undefined || place < 0, 'cbor-key-order')
      must(key !== '__proto__', 'cbor-key-forbidden')
      before = raw
      map[key] = item(depth + 1)
    }
    return map
  }
  must(items <= maxItems, 'cbor-too-many-items')
  const value = item(0)
  must(left() === 0, 'cbor-trailing-bytes')
  return value
}

const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !isBytes(value)
const isBytes = (value) => value instanceof Uint8Array

/** The one encoding of a value: to show that what was read is what would be written. */
function writeCbor(value) {
  const head = (major, argument) => {
    if (argument < 24) return Uint8Array.of((major << 5) | argument)
    const width = [1, 2, 4, 8].find((bytes) => BigInt(argument) < 2n ** BigInt(8 * bytes))
    return join8(Uint8Array.of((major << 5) | (24 + Math.log2(width))), be(argument, width))
  }
  if (value === null) return Uint8Array.of(0xf6)
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4)
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return join8(head(3, Buffer.byteLength(value)), Buffer.from(value))
  if (isBytes(value)) return join8(head(2, value.length), value)
  if (Array.isArray(value)) return join8(head(4, value.length), ...value.map(writeCbor))
  const keys = Object.keys(value).map((key) => Buffer.from(key))
  keys.sort((a, b) => a.length - b.length || Buffer.compare(a, b))
  return join8(head(5, keys.length), ...keys.flatMap((key) => [writeCbor(`${key}`), writeCbor(value[key])]))
}

// ---------------------------------------------------------------- shapes of decoded values (CDDL of §7, §9, §14)

const CONTROL = /[\p{Cc}\u2028\u2029]/u
const OVERRIDE = /[\u202a-\u202e\u2066-\u2069]/u
const SPACE = /[\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]/
const isTrimmed = (text) => text === '' || !(SPACE.test(text[0]) || SPACE.test(text.at(-1)))
const isText = (least, most) => (value) => typeof value === 'string' && value.length >= least && value.length <= most
const all =
  (...tests) =>
  (value) =>
    tests.every((test) => test(value))

const plain = (least, most) => all(isText(least, most), (text) => !CONTROL.test(text) && !OVERRIDE.test(text))
const line = (most) => all(plain(1, most), isTrimmed)
const lines = (most, least = 0) =>
  all(isText(least, most), (text) => !CONTROL.test(text.replace(/[\t\n]/g, '')) && !text.startsWith('\ufeff'))
const pattern = (regex) => (value) => typeof value === 'string' && regex.test(value) && !value.endsWith('\n')
const int = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most
const oneOf =
  (...values) =>
  (value) =>
    values.includes(value)
const list = (least, most, test) => (value) =>
  Array.isArray(value) && value.length >= least && value.length <= most && value.every(test)
const tuple =
  (...tests) =>
  (value) =>
    Array.isArray(value) && value.length === tests.length && tests.every((test, index) => test(value[index]))
const bstr = (length) => (value) => isBytes(value) && value.length === length
const unique = (of) => (values) => new Set(values.map(of)).size === values.length
/** A map of exactly these keys; those that end in `?` may be absent. */
const map = (shape) => (value) => {
  if (!isMap(value)) return false
  const names = Object.keys(shape).map((name) => name.replace('?', ''))
  return (
    Object.keys(value).every((name) => names.includes(name)) &&
    Object.entries(shape).every(([name, test]) =>
      name.endsWith('?')
        ? !(name.slice(0, -1) in value) || test(value[name.slice(0, -1)])
        : name in value && test(value[name])
    )
  )
}
const bool = (value) => typeof value === 'boolean'
const ms = int(0, MAX)
const hexOf = (bytes) => pattern(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
const inOrder = (value) => !('firstSeen' in value && 'lastSeen' in value) || value.firstSeen <= value.lastSeen
const isAdmissible = (read) => (value) => {
  try {
    admit(read(value))
    return true
  } catch {
    return false
  }
}

const uuid4 = pattern(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
const pap = oneOf('CLEAR', 'GREEN', 'AMBER', 'RED')
const tlp = oneOf('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED')
const time = (value) => {
  if (!pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)(value)) return false
  const [year, month, day, hour, minute, second, milli] = value.match(/\d+/g).map(Number)
  const moment = new Date(Date.UTC(year, month - 1, day, hour, minute, second, milli))
  if (year < 1970) return false
  return moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
}
const link = (value) => {
  if (!plain(1, 2048)(value) || SPACE.test(value) || !URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return ['http:', 'https:'].includes(protocol) && username === '' && password === ''
}
const isFileName = (text) => !/[/\\]/.test(text) && text !== '.' && text !== '..' && Buffer.byteLength(text) <= 255
const mediaType = all(isText(1, 100), pattern(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/))

// ---------------------------------------------------------------- §8 values of indicators

const atoms = (set) => new RegExp(`^[${set}]+(\\.[${set}]+)*$`, 'u')
const LOCAL = atoms("\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~\\-")
/** NFC and lower case, each unchanged by the other. */
const isFolded = (text) => text === text.normalize('NFC') && text === text.toLowerCase()
const isNfc = (text) => text === text.normalize('NFC')

const isIpv4 = (text) =>
  text.split('.').length === 4 && text.split('.').every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && part < 256)

/** The eight groups of an IPv6 address in the form of RFC 5952, or undefined. */
function groupsOf(text) {
  if (!/^[0-9a-f:]+$/.test(text)) return undefined
  const [left, right, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const parts = (side) => (side === '' || side === undefined ? [] : side.split(':'))
  const [before, behind] = [parts(left), parts(right)]
  const gap = right === undefined ? 0 : 8 - before.length - behind.length
  const groups = [...before, ...Array(Math.max(gap, 0)).fill('0'), ...behind]
  if (groups.length !== 8 || !groups.every((group) => /^(0|[1-9a-f][0-9a-f]{0,3})$/.test(group))) return undefined
  const values = groups.map((group) => Number.parseInt(group, 16))
  return rfc5952(values) === text ? values : undefined
}

/** The longest run of zeros (two or more, the first of equals) as ::. */
function rfc5952(values) {
  let [best, length] = [-1, 1]
  for (let at = 0; at < 8; at++) {
    let end = at
    while (end < 8 && values[end] === 0) end += 1
    if (end - at > length) [best, length] = [at, end - at]
  }
  const show = (part) => part.map((value) => value.toString(16)).join(':')
  return best < 0 ? show(values) : `${show(values.slice(0, best))}::${show(values.slice(best + length))}`
}

const isMapped = (groups) => groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
const isIpv6 = (text) => groupsOf(text) !== undefined && !isMapped(groupsOf(text))

function isCidr(text) {
  const [address, length, ...more] = text.split('/')
  if (more.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(length ?? '')) return false
  const bits = isIpv4(address) ? 32 : 128
  if (bits === 128 && !isIpv6(address)) return false
  if (length < (bits === 32 ? 8 : 16) || length >= bits) return false
  const groups = bits === 32 ? address.split('.').map((part) => [part, 8]) : groupsOf(address).map((part) => [part, 16])
  const value = groups.reduce((sum, [part, width]) => (sum << BigInt(width)) | BigInt(part), 0n)
  return value % 2n ** BigInt(bits - length) === 0n
}

function isDomain(text) {
  const labels = text.split('.')
  if (text.length > 253 || labels.length < 2 || text.startsWith('-')) return false
  if (!labels.every((label) => /^[a-z0-9_-]{1,63}$/.test(label))) return false
  const last = labels.at(-1)
  if (!/^[a-z]/.test(last) || last.endsWith('-') || last.includes('_')) return false
  if (domainToASCII(text) !== text) return false
  return labels.every((label) => {
    if (!label.startsWith('xn--')) return true
    const unicode = domainToUnicode(label)
    return unicode !== label && domainToASCII(unicode) === label
  })
}

const PORTS = {
  http: 80,
  https: 443,
  ftp: 21,
  ftps: 990,
  sftp: 22,
  ssh: 22,
  ws: 80,
  wss: 443,
  ldap: 389,
  ldaps: 636,
  rmi: 1099,
  smb: 445,
  tcp: 0,
  udp: 0
}
function isUrl(text) {
  if (SPACE.test(text) || /["<>\\`]/.test(text)) return false
  const [, scheme, host, port] =
    /^([a-z]+):\/\/(\[[0-9a-f:]*\]|[^[\]:@/?#]*)(?::([1-9]\d{0,4}))?(?:[/?#].*)?$/su.exec(text) ?? []
  if (scheme === undefined || !Object.hasOwn(PORTS, scheme)) return false
  if (port !== undefined && (Number(port) > 65_535 || Number(port) === PORTS[scheme])) return false
  return host.startsWith('[') ? isIpv6(host.slice(1, -1)) : isIpv4(host) || isDomain(host)
}

function isEmail(text) {
  const at = text.lastIndexOf('@')
  const local = text.slice(0, at)
  return (
    at > 0 && isFolded(local) && LOCAL.test(local) && Buffer.byteLength(local) <= 64 && isDomain(text.slice(at + 1))
  )
}

const LOGIN = /^[\p{L}\p{M}\p{N}._$+-]+$/u
function isAccount(text) {
  if (!isFolded(text) || SPACE.test(text) || /[:;|,/=]/.test(text)) return false
  if (LOGIN.test(text)) return true
  const [first, second, ...more] = text.split('\\')
  if (second !== undefined) return more.length === 0 && /^[\p{L}\p{M}\p{N}._-]+$/u.test(first) && LOGIN.test(second)
  const at = text.lastIndexOf('@')
  return at > 0 && LOGIN.test(text.slice(0, at)) && isDomain(text.slice(at + 1))
}

const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
/** BIP 173: the checksum polynomial over the human-readable part `bc` and the data. */
function bech32(data) {
  const generators = [0x3b6a57b2n, 0x26508e6dn, 0x1ea119fan, 0x3d4233ddn, 0x2a1462b3n]
  let sum = 1n
  for (const value of [3, 3, 0, 2, 3, ...data]) {
    const top = sum >> 25n
    sum = ((sum & 0x1ffffffn) << 5n) ^ BigInt(value)
    for (const [bit, generator] of generators.entries()) if ((top >> BigInt(bit)) & 1n) sum ^= generator
  }
  return sum
}
function isBtc(text) {
  if (/^[13][1-9A-HJ-NP-Za-km-z]{24,34}$/.test(text)) {
    const bytes = unbase58(text)
    const check = H(H(bytes.subarray(0, 21))).subarray(0, 4)
    return bytes.length === 25 && [0, 5].includes(bytes[0]) && same(check, bytes.subarray(21))
  }
  if (!/^bc1[02-9ac-hj-np-z]{8,87}$/.test(text)) return false
  const data = [...text.slice(3)].map((digit) => BECH32.indexOf(digit))
  const [version] = data
  if (version > 16 || bech32(data) !== (version === 0 ? 1n : 0x2bc830a3n)) return false
  const bits = data
    .slice(1, -6)
    .map((value) => value.toString(2).padStart(5, '0'))
    .join('')
  const spare = bits.length % 8
  const length = (bits.length - spare) / 8
  if (spare > 4 || bits.slice(bits.length - spare).includes('1')) return false
  return version === 0 ? length === 20 || length === 32 : length >= 2 && length <= 40
}

function isSsdeep(text) {
  const [, size] = /^([1-9]\d{0,9}):[A-Za-z0-9+/]{0,64}:[A-Za-z0-9+/]{0,64}$/.exec(text) ?? []
  if (size === undefined) return false
  let block = 3
  while (block < size) block *= 2
  return block === Number(size)
}

const isRegkey = (text) => {
  const [, rest] = /^HK(?:LM|CU|CR|CC|U)(\\.*)$/su.exec(text) ?? []
  return rest !== undefined && isFolded(rest) && !rest.includes('\\\\') && !rest.endsWith('\\') && isTrimmed(rest)
}

const HEX = (digits) => pattern(new RegExp(`^[0-9a-f]{${digits}}$`))
const INDICATORS = {
  ipv4: [15, isIpv4],
  ipv6: [39, isIpv6],
  cidr: [43, isCidr],
  domain: [253, isDomain],
  url: [4096, isUrl],
  email: [254, isEmail],
  'message-id': [998, (text) => !SPACE.test(text) && /^[^<>@"\\]+@[^<>@"\\]+$/u.test(text)],
  'email-subject': [998, (text) => isNfc(text) && !SPACE.test(text.replaceAll(' ', '')) && !text.includes('  ')],
  md5: [32, HEX(32)],
  sha1: [40, HEX(40)],
  sha256: [64, HEX(64)],
  sha512: [128, HEX(128)],
  ssdeep: [140, isSsdeep],
  tlsh: [72, pattern(/^T1[0-9A-F]{70}$/)],
  filename: [255, (text) => isNfc(text) && isFileName(text)],
  asn: [12, (text) => /^AS[1-9]\d{0,9}$/.test(text) && Number(text.slice(2)) < 2 ** 32],
  ja3: [32, HEX(32)],
  ja4: [36, pattern(/^[tqd](1[0-3]|s[1-3]|d[1-3]|00)[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/)],
  jarm: [62, (text) => HEX(62)(text) && !/^0+$/.test(text)],
  'x509-sha1': [40, HEX(40)],
  'x509-sha256': [64, HEX(64)],
  'user-agent': [1024, () => true],
  regkey: [1024, isRegkey],
  mutex: [260, () => true],
  btc: [90, isBtc],
  account: [254, isAccount],
  vulnerability: [28, pattern(/^(CVE-(1999|2\d{3})-(\d{4}|[1-9]\d{4,18})|GHSA(-[23456789cfghjmpqrvwx]{4}){3})$/)]
}
const isNormal = ({ type, value }) => {
  const [most, test] = INDICATORS[type] ?? [0, () => false]
  return line(most)(value) && value.isWellFormed() && test(value)
}

// ---------------------------------------------------------------- §7 bodies

const typed = { type: oneOf(...Object.keys(INDICATORS)), value: isText(1, 4096) }
const typedValue = all(map(typed), isNormal)
const seen = { 'firstSeen?': time, 'lastSeen?': time }
const sighted = { bulletin: uuid4, author: isDid, indicator: typedValue }
const isSighting = all(
  map({
    ...sighted,
    kind: oneOf('sighting', 'false-positive', 'expiration'),
    count: int(1, 1_000_000_000),
    ...seen,
    'comment?': lines(500)
  }),
  inOrder
)
const isCount = all(
  map({ ...sighted, kind: oneOf('sighting'), count: int(3, 65_535), contributors: int(3, 65_535) }),
  ({ count, contributors }) => count === contributors
)
const indicator = all(
  map({ ...typed, role: oneOf('malicious', 'context'), 'comment?': lines(500), ...seen, 'validUntil?': time }),
  isNormal,
  inOrder
)
const noPairTwice = unique(({ type, value }) => `${type} ${value}`)
const THREATS =
  'scan brute-force phishing phished-account-use account-compromise infostealer dropper malware c2 spam vulnerability-exploitation ddos fraud other'
const BODIES = {
  1: all(
    map({
      id: uuid4,
      title: line(200),
      text: lines(65_536),
      'lang?': oneOf('fr', 'en'),
      threat: oneOf(...THREATS.split(' ')),
      pap,
      confidence: int(0, 100),
      tags: list(0, 64, line(100)),
      indicators: all(list(0, 4096, indicator), noPairTwice),
      references: list(
        0,
        64,
        map({ 'site?': line(100), url: link, 'verdict?': line(100), 'score?': int(0, 100), 'at?': time })
      ),
      rules: list(
        0,
        32,
        map({
          kind: oneOf('sigma', 'yara', 'suricata', 'snort', 'zeek', 'other'),
          name: line(200),
          text: lines(65_536, 1)
        })
      ),
      attachments: list(
        0,
        16,
        map({
          name: all(line(255), isFileName),
          mediaType,
          size: int(0, 8_388_608),
          sha256: hexOf(32),
          entry: hexOf(32)
        })
      ),
      about: list(0, 16, uuid4),
      'supersedes?': uuid4
    }),
    ({ id, about, supersedes }) => !about.includes(id) && supersedes !== id
  ),
  2: (value) => isMap(value) && ('contributors' in value ? isCount(value) : isSighting(value)),
  3: map({ targets: list(1, 1024, hexOf(32)), reason: lines(1000), 'supersededBy?': uuid4, 'eraseNow?': hexOf(64) }),
  4: map({
    bulletin: uuid4,
    target: hexOf(32),
    indicators: all(list(1, 4096, typedValue), noPairTwice),
    reason: lines(1000)
  }),
  5: map({ data: (value) => isBytes(value) && value.length <= 8_388_608 })
}
const MIB = 2 ** 20
const maxBody = (kind) => (kind >= 5 ? 9 * MIB : 2 * MIB)

function readBody(kind, bytes) {
  must(kind in BODIES, 'unknown-kind')
  let body
  try {
    body = readCbor(bytes, { maxBytes: maxBody(kind), maxDepth: 6, maxItems: 131_072 })
  } catch (error) {
    throw error instanceof No ? new No('bad-cbor') : error
  }
  must(Array.isArray(body) && isBytes(body[0]) && body[0].length === 16, 'bad-shape')
  must(Number.isInteger(body[1]), 'bad-shape')
  must(body[1] === 1, 'unknown-version')
  must(body.length === 3 && BODIES[kind](body[2]), 'bad-shape')
  return body[2]
}

// ---------------------------------------------------------------- §5 stream descriptor

const TLPS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED']
const AUDIENCE = { CLEAR: 0, GREEN: 0, AMBER: 1, 'AMBER+STRICT': 1, RED: 2 }

function readDescriptor(bytes) {
  must(bytes.length === 190, 'descriptor-length')
  const read = fields(bytes)
  must(read.int(1) === 1, 'descriptor-version')
  const [author, nodeKey, incarnation, quarter] = [read.raw(32), read.raw(32), read.hex(16), read.int(2)]
  const kind = [undefined, 'log', 'retraction'][read.int(1)] ?? no('descriptor-kind')
  const label = TLPS[read.int(1) - 1] ?? no('descriptor-tlp')
  const flags = read.int(1)
  must(flags < 8, 'descriptor-flags')
  must((flags & 3) === AUDIENCE[label], 'descriptor-audience')
  const audience = read.raw(32)
  must(isZero(audience) === (AUDIENCE[label] === 0), 'descriptor-flags')
  const [stream, seqBytes, head] = [read.raw(32), read.raw(8), read.raw(32)]
  const seq = fields(seqBytes).int(8)
  if (flags & 4) must(seq >= 1 && !isZero(stream) && !isZero(head), 'descriptor-predecessor')
  else must(isZero(join8(stream, seqBytes, head)), 'descriptor-flags')
  admit(nodeKey)
  admit(author)
  if (label === 'RED') admit(audience)
  const descriptor = { author: didOf(author), nodeKey: hex(nodeKey), incarnation, quarter, kind, tlp: label }
  if (AUDIENCE[label] === 1) descriptor.circle = hex(audience)
  if (label === 'RED') descriptor.recipient = didOf(audience)
  if (flags & 4) descriptor.predecessor = { stream: hex(stream), seq, head: hex(head) }
  return { id: hex(H(bytes)), descriptor, bytes }
}

// ---------------------------------------------------------------- §6 entry

const KINDS = [undefined, 'bulletin', 'sighting', 'retraction', 'disabling', 'attachment']

function readHeader(bytes) {
  must(bytes.length === 190, 'entry-length')
  const read = fields(bytes)
  must(read.int(1) === 1, 'entry-version')
  const [stream, seq, previous, clock, code, bodyLength] = [
    read.hex(32),
    read.int(8),
    read.raw(32),
    read.int(8),
    read.int(1),
    read.int(4)
  ]
  const [bodyHash, keepUntil] = [read.hex(32), read.int(8)]
  must(seq >= 1, 'entry-sequence')
  must(isZero(previous) === (seq === 1), 'entry-previous')
  must(code !== 0, 'entry-kind')
  must(bodyLength >= 1 && bodyLength <= maxBody(code), 'entry-body-length')
  must(clock !== undefined && keepUntil !== undefined, 'entry-time')
  const header = {
    stream,
    seq,
    previous: seq === 1 ? null : hex(previous),
    clock,
    kind: KINDS[code] ?? code,
    bodyLength,
    bodyHash,
    keepUntil
  }
  return { id: hex(H(bytes.subarray(0, 126))), header, bytes }
}

const isSignedEntry = (nodeKey, { bytes }) =>
  signed('tocsin/entry/1', unhex(nodeKey), bytes.subarray(0, 126), bytes.subarray(126))

function hashBody(body) {
  const chunks = []
  for (let at = 0; at < body.length; at += 65_536) chunks.push(H(body.subarray(at, at + 65_536)))
  return { chunks: join8(...chunks), hash: hex(H(ascii('tocsin/body/1\0'), ...chunks)) }
}

function quarterOf(clock) {
  const date = new Date(clock)
  return 4 * (date.getUTCFullYear() - 1970) + Math.floor(date.getUTCMonth() / 3)
}

function checkLink(stream, previous, next) {
  must(next.header.stream === stream.id, 'wrong-stream')
  must(next.header.seq === (previous?.header.seq ?? 0) + 1, 'seq-gap')
  must(next.header.previous === (previous?.id ?? null), 'previous-mismatch')
  must(previous === null || next.header.clock >= previous.header.clock, 'clock-falls')
  must(quarterOf(next.header.clock) === stream.descriptor.quarter, 'clock-outside-quarter')
}

// ---------------------------------------------------------------- §9 registers

const label = /^[a-z0-9-]{1,63}$/
const cardDomain = (text) => {
  if (!isText(3, 253)(text)) return false
  const labels = text.split('.')
  return labels.length >= 2 && labels.every((part) => label.test(part) && !part.startsWith('-') && !part.endsWith('-'))
}
const domains = all(list(0, 64, cardDomain), unique(String))
const key = all(hexOf(32), isAdmissible(unhex))
const VALUES = {
  card: map({
    name: plain(1, 100),
    domains,
    contact: plain(0, 200),
    addresses: list(0, 16, pattern(/^\/[\x21-\x7e]{1,254}$/)),
    nodeKeys: list(
      1,
      64,
      all(
        map({ key, from: ms, 'until?': ms, proof: hexOf(64) }),
        ({ from, until }) => until === undefined || until > from
      )
    ),
    next: key
  }),
  charter: all(
    map({
      nonce: hexOf(16),
      name: plain(1, 64),
      founders: all(list(1, 64, isAdmissible(keyOf)), unique(String)),
      threshold: int(1, MAX),
      defaults: map({ tlp, pap }),
      retention: all(
        map({ minMs: ms, maxMs: ms, defaultMs: ms }),
        ({ minMs, defaultMs, maxMs }) => minMs <= defaultMs && defaultMs <= maxMs
      ),
      erasureDelayMs: ms,
      'quotas?': map({
        'entriesADay?': int(1, MAX),
        'bytesADay?': int(1, MAX),
        'streamsADay?': int(1, MAX),
        'statementsADay?': int(1, MAX),
        'retractionsADay?': int(1, MAX),
        'openVouches?': int(1, 32),
        'pendingBytes?': int(MIB, 64 * MIB),
        'newcomerDays?': int(0, 3650),
        'newcomerPercent?': int(1, 100)
      })
    }),
    ({ threshold, founders }) => threshold <= founders.length
  ),
  acceptance: map({ name: plain(1, 64) }),
  vouch: map({
    name: plain(1, 100),
    domains,
    how: oneOf('phone', 'in-person', 'domain'),
    checkedAt: ms,
    expires: int(0, 1_000_000)
  }),
  revocation: map({ reason: plain(1, 1000), 'lifted?': bool }),
  resignation: map({ 'reason?': plain(0, 1000) }),
  closing: all(
    map({ stream: hexOf(190), last: ms, 'head?': hexOf(32) }),
    ({ last, head }) => (last === 0) === (head === undefined)
  ),
  receipt: map({
    key: bstr(32),
    held: all(
      list(0, 64, tuple(bstr(16), int(1, MAX), ms, bstr(16))),
      unique(([stream]) => hex(stream))
    )
  }),
  presence: map({
    digest: hexOf(32),
    revocations: all(
      list(0, 32, map({ author: isAdmissible(keyOf), subject: isAdmissible(keyOf), number: int(1, MAX) })),
      unique(({ author, subject }) => `${author} ${subject}`)
    )
  })
}
const REGISTERS = [
  undefined,
  'card',
  'charter',
  'acceptance',
  'vouch',
  'revocation',
  'resignation',
  'receipt',
  'presence',
  'closing'
]

function readRegister(bytes) {
  must(bytes.length >= 206 && bytes.length <= 32_974, 'register-length')
  const read = fields(bytes)
  must(read.int(1) === 1, 'register-version')
  const code = read.int(1)
  const kind = REGISTERS[code] ?? no('register-kind')
  const [author, signer, circle, subject] = [read.raw(32), read.raw(32), read.raw(32), read.raw(32)]
  const [number, length] = [read.int(8), read.int(4)]
  must(number >= 1 && (kind !== 'closing' || number === 1), 'register-number')
  must(length <= 32_768 && bytes.length === 206 + length, 'register-length')
  must(same(signer, author) !== (kind === 'receipt' || kind === 'presence'), 'register-signer')
  must(isZero(circle) === (kind === 'card'), 'register-circle')
  const isAbout = kind === 'vouch' || kind === 'revocation'
  must(isZero(subject) !== isAbout && !same(subject, author), 'register-subject')
  admit(author)
  if (isAbout) admit(subject)
  admit(signer)
  const unsigned = bytes.subarray(0, 142 + length)
  must(signed('tocsin/register/1', signer, unsigned, bytes.subarray(142 + length)), 'register-signature')
  const raw = unsigned.subarray(142)
  const value = readCbor(raw, { maxBytes: 32_768, maxDepth: 4, maxItems: 2048 })
  must(VALUES[kind](value), 'register-value')
  if (kind === 'charter') {
    must(same(H(ascii('tocsin/circle/1\0'), raw), circle), 'register-circle')
    must(value.founders.includes(didOf(author)), 'charter-author')
  }
  if (kind === 'card') {
    const keys = [...value.nodeKeys.map((certified) => certified.key), value.next, hex(author)]
    must(new Set(keys).size === keys.length, 'card-keys')
    for (const it of value.nodeKeys)
      must(signed('tocsin/node-key/1', unhex(it.key), author, unhex(it.proof)), 'card-proof')
  }
  if (kind === 'closing') {
    const stream = readDescriptor(unhex(value.stream))
    must(stream.id === hex(circle), 'closing-stream')
    must(stream.descriptor.author === didOf(author), 'closing-author')
  }
  const register = { kind, author: didOf(author), signer: hex(signer), number, value }
  if (kind === 'closing') register.stream = hex(circle)
  else if (kind !== 'card') register.circle = hex(circle)
  if (isAbout) register.subject = didOf(subject)
  return { address: hex(H(bytes.subarray(1, 34), circle, subject)), hash: hex(H(unsigned)), register }
}

// ---------------------------------------------------------------- §9 via whom, presences

/** X25519 keys as DER (RFC 8410). */
const privateX = (raw) =>
  createPrivateKey({ key: join8(unhex('302e020100300506032b656e04220420'), raw), format: 'der', type: 'pkcs8' })
const publicX = (raw) =>
  createPublicKey({ key: join8(unhex('302a300506032b656e032100'), raw), format: 'der', type: 'spki' })
const publicOf = (secret) =>
  new Uint8Array(createPublicKey(privateX(secret)).export({ format: 'der', type: 'spki' }).subarray(-32))

function sharedSecret(secret, theirs) {
  try {
    return new Uint8Array(diffieHellman({ privateKey: privateX(secret), publicKey: publicX(theirs) }))
  } catch {
    return no('refused')
  }
}

/** u = (1 + y) ÷ (1 − y) mod 2^255 − 19, little-endian on both sides. */
function edwardsToMontgomery(key) {
  const p = 2n ** 255n - 19n
  const y = BigInt(`0x${hex([...key].reverse())}`) & (2n ** 255n - 1n)
  let [inverse, base] = [1n, (1n - y + p) % p]
  for (let exponent = p - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) inverse = (inverse * base) % p
    base = (base * base) % p
  }
  return Uint8Array.from([...be(((1n + y) * inverse) % p, 32)].reverse())
}

/** XOR of the 16 bytes with the pad for this place of the stream: it seals and opens. */
function viaPad(bytes, secret, key, stream, seq) {
  const pad = H(ascii('tocsin/via/1\0'), secret, key, unhex(stream).subarray(0, 16), be(seq, 8))
  return bytes.map((byte, at) => byte ^ pad[at])
}

function sealVia({ seed, nodeKey, stream, seq, via }) {
  const key = publicOf(unhex(seed))
  const secret = sharedSecret(unhex(seed), edwardsToMontgomery(unhex(nodeKey)))
  return { key: hex(key), via: hex(viaPad(keyOf(via).subarray(0, 16), secret, key, stream, seq)) }
}

function readVia({ seed, key, stream, seq, via, institutions }) {
  const secret = new Uint8Array(createHash('sha512').update(unhex(seed)).digest().subarray(0, 32))
  const mark = viaPad(unhex(via), sharedSecret(secret, unhex(key)), unhex(key), stream, seq)
  const found = institutions.find((id) => same(keyOf(id).subarray(0, 16), mark))
  must(found !== undefined, 'refused')
  return { via: found }
}

/** Of each author about each subject the newest word, of those that have a say. */
function presenceOf(charter, registers, day) {
  const { members } = foldRoster(charter, registers, day)
  const newest = new Map()
  for (const { register } of registers) {
    const { kind, circle, author, subject, number } = register
    if (kind !== 'revocation' || circle !== charter.circle) continue
    if (!(author in members) && !charter.value.founders.includes(author)) continue
    const before = newest.get(`${author} ${subject}`)
    if (before === undefined || before.number < number) newest.set(`${author} ${subject}`, { author, subject, number })
  }
  const record = ({ author, subject, number }) => join8(keyOf(author), keyOf(subject), be(number, 8))
  const all = [...newest.values()].sort((a, b) => Buffer.compare(record(a), record(b)))
  const digest = hex(H(ascii('tocsin/revocations/1\0'), ...all.map(record)))
  return { digest, revocations: all.sort((a, b) => b.number - a.number).slice(0, 32) }
}

/** §11, stale rosters. */
function checkFreshness({ threshold, members, founders, self, presences, held, now }) {
  const n = Math.min(threshold, members.length - 2)
  if (n <= 0) return
  const fresh = presences.filter(
    ({ author, number }) => author !== self && members.includes(author) && number > now - 7 * 86_400_000
  )
  const isLacking = ({ author, subject, number }) =>
    (members.includes(author) || founders.includes(author)) &&
    !held.some((one) => one.author === author && one.subject === subject && one.number >= number)
  const counts = new Map()
  for (const { author, subject } of fresh.flatMap(({ revocations }) => revocations.filter(isLacking)))
    counts.set(`${author} ${subject}`, (counts.get(`${author} ${subject}`) ?? 0) + 1)
  must(
    [...counts.values()].every((count) => count < n),
    'revocation-missing'
  )
  must(fresh.filter(({ revocations }) => !revocations.some(isLacking)).length >= n, 'presences-missing')
}

// ---------------------------------------------------------------- §10 roster

const rosterDigest = (circle, day, members) =>
  hex(H(ascii('tocsin/roster/1\0'), unhex(circle), be(day, 4), ...members.map(keyOf).sort(Buffer.compare)))

function foldRoster(charter, registers, day) {
  const { circle, value: rules } = charter
  const k = rules.threshold
  const newest = new Map()
  for (const { register, hash } of registers) {
    const { kind, author, subject, number, circle: of } = register
    if (of !== circle || kind === 'charter' || kind === 'card') continue
    const place = `${kind} ${author} ${subject}`
    const held = newest.get(place)
    if (held === undefined || number > held.number) newest.set(place, { ...register, hash, forked: false })
    else if (number === held.number && hash !== held.hash) held.forked = true
  }
  const left = [...newest.values()].filter(({ forked }) => !forked)
  const of = (kind) => left.filter((statement) => statement.kind === kind)
  const acceptances = new Map(
    of('acceptance').flatMap((it) => (it.value.name === rules.name ? [[it.author, it.number]] : []))
  )
  const resigned = of('resignation').flatMap((it) => (acceptances.get(it.author) > it.number ? [] : [it.author]))
  const accepted = [...acceptances.keys()].filter((id) => !resigned.includes(id))
  const revocations = of('revocation').filter(({ value }) => value.lifted !== true)
  const open = of('vouch').filter(({ value }) => value.expires >= day)
  const rank = (vouch) =>
    open.filter(
      (other) =>
        other.author === vouch.author &&
        (other.number > vouch.number || (other.number === vouch.number && other.subject < vouch.subject))
    ).length
  const vouches = open.filter((vouch) => rank(vouch) < (rules.quotas?.openVouches ?? 32))
  const authors = (statements, subject, among) =>
    statements
      .filter((it) => it.subject === subject && among(it.author))
      .map(({ author }) => author)
      .sort(order)

  const ranks = new Map()
  const struck = new Map()
  const first = rules.founders.filter((id) => accepted.includes(id))
  for (const id of first) {
    const against = authors(revocations, id, (author) => first.includes(author))
    if (against.length >= k && 2 * against.length > first.length) struck.set(id, against)
    else ranks.set(id, 0)
  }
  for (let level = 1, placed = true; placed; level++) {
    placed = false
    const earlier = new Set(ranks.keys())
    const isEarlier = (author) => earlier.has(author)
    for (const id of accepted) {
      if (ranks.has(id) || struck.has(id) || authors(vouches, id, isEarlier).length < k) continue
      const against = authors(revocations, id, isEarlier)
      if (against.length >= k) struck.set(id, against)
      else {
        ranks.set(id, level)
        placed = true
      }
    }
  }

  const sorted = (entries) => Object.fromEntries([...entries].sort(([a], [b]) => order(a, b)))
  const memberOf = (id) => {
    const own = ranks.get(id)
    const vouchedBy = authors(vouches, id, (author) => (own === 0 ? ranks.get(author) === 0 : ranks.get(author) < own))
    const claims = vouchedBy.map((author) => vouches.find((it) => it.author === author && it.subject === id).value)
    const needed = own === 0 ? Math.min(k, rules.founders.length - 1) : k
    const numbers = vouchedBy
      .map((author) => vouches.find((it) => it.author === author && it.subject === id).number)
      .sort((a, b) => a - b)
    const place = { rank: own, vouchedBy, ...(own === 0 ? {} : { since: Math.floor(numbers[k - 1] / 86_400_000) }) }
    if (needed < 1 || claims.length < needed) return { ...place, coverage: 'claimed', domains: [] }
    const agreed = (texts) =>
      [...new Set(texts)]
        .sort(order)
        .map((text) => [text, texts.filter((other) => other === text).length])
        .filter(([, count]) => count >= needed)
    const names = agreed(claims.map(({ name }) => name)).sort(([, a], [, b]) => b - a)
    const covered = agreed(claims.flatMap((claim) => claim.domains)).map(([domain]) => domain)
    const member = { ...place, coverage: 'vouched', domains: covered }
    return names.length === 0 ? member : { ...member, name: names[0][0] }
  }
  const isMember = (id) => ranks.has(id)
  const others = new Set([...accepted, ...vouches.map(({ subject }) => subject)])
  const candidates = [...others]
    .filter((id) => !isMember(id) && !rules.founders.includes(id) && !struck.has(id))
    .map((id) => {
      const vouchedBy = authors(vouches, id, isMember)
      const claimedBy = authors(vouches, id, (author) => !isMember(author))
      return [id, { accepted: accepted.includes(id), vouchedBy, claimedBy, missing: Math.max(0, k - vouchedBy.length) }]
    })
  return {
    members: sorted([...ranks.keys()].map((id) => [id, memberOf(id)])),
    candidates: sorted(candidates),
    struck: sorted(struck),
    resigned: resigned.sort(order),
    digest: rosterDigest(circle, day, [...ranks.keys()])
  }
}

/** §10, standing; of a roster as hop.json gives it. */
function standing(roster, id) {
  if (roster.members.includes(id)) return 'member'
  if (roster.struck.includes(id)) return 'struck'
  const isVouched = (roster.candidates[id]?.vouchedBy.length ?? 0) > 0
  const isFounder = roster.founders.includes(id)
  if (roster.resigned.includes(id) && (isFounder || isVouched)) return 'resigned'
  return isFounder ? 'founder' : isVouched ? 'candidate' : 'outsider'
}
const hasPlace = (roster, id) => ['member', 'founder', 'candidate'].includes(standing(roster, id))

// ---------------------------------------------------------------- §11 hop rule

/** `view`: circles as lists of members by id, and who is known. */
function checkHop({ author, tlp: of, circle, recipient }, from, to, view) {
  const wanted = Object.hasOwn(AUDIENCE, of) ? AUDIENCE[of] : no('labels-contradictory')
  must(
    (circle !== undefined) === (wanted === 1) && (recipient !== undefined) === (wanted === 2),
    'labels-contradictory'
  )
  if (to === author) return
  const members = circle === undefined ? undefined : view.circles[circle]
  if (of === 'RED') {
    must(from === author, 'red-relayed')
    must(to === recipient, 'red-not-recipient')
  } else if (of === 'AMBER+STRICT') {
    must(from === author, 'strict-relayed')
    must(members !== undefined, 'unknown-circle')
    must(members.includes(from) && members.includes(to), 'strict-not-member')
  } else if (of === 'AMBER') {
    must(members !== undefined, 'unknown-circle')
    must(members.includes(author), 'amber-author-not-member')
    must(members.includes(from), 'amber-sender-not-member')
    must(members.includes(to), 'amber-receiver-not-member')
  } else if (of === 'GREEN') {
    const shared = Object.values(view.circles).some((ids) => [author, from, to].every((id) => ids.includes(id)))
    must(shared, 'green-no-shared-circle')
  } else {
    const isKnown = view.peers.includes(author) || Object.values(view.circles).some((ids) => ids.includes(author))
    must(isKnown || view.anyClearAuthor === true, 'clear-author-unknown')
  }
}

function vouchesFor(roster, voucher, subject) {
  const candidate = roster.candidates[subject]
  return candidate !== undefined && [...candidate.vouchedBy, ...candidate.claimedBy].includes(voucher)
}

function pair(roster, from, to, isReceiverAsking) {
  const [sender, receiver] = [standing(roster, from), standing(roster, to)]
  if (sender === 'member' && receiver === 'member') return true
  const founds = (id, as) => roster.founders.includes(id) && ['member', 'founder'].includes(as)
  if (founds(from, sender) && founds(to, receiver)) return true
  if (sender === 'candidate' && receiver === 'member') return vouchesFor(roster, to, from)
  const mayBring = sender === 'member' || (isReceiverAsking && sender !== 'struck' && !roster.resigned.includes(from))
  const mayReceive = ['candidate', 'outsider'].includes(receiver) && !roster.resigned.includes(to)
  return mayBring && mayReceive && vouchesFor(roster, from, to)
}

function beginsCandidacy({ kind, author, subject }, from, to, roster) {
  const sender = standing(roster, from)
  if (author !== from || sender === 'struck') return false
  if (kind === 'vouch') return subject === to && !roster.resigned.includes(from)
  if (kind !== 'acceptance' && kind !== 'resignation') return false
  return vouchesFor(roster, to, from) || (sender !== 'outsider' && ['member', 'founder'].includes(standing(roster, to)))
}

function checkRegisterHop(register, from, to, circles, isReceiverAsking) {
  const { kind, author, circle } = register
  if (kind === 'card') {
    const shared = Object.values(circles).some(
      (roster) => hasPlace(roster, author) && hasPlace(roster, to) && pair(roster, from, to, isReceiverAsking)
    )
    must(author === from || author === to || shared, 'card-no-shared-circle')
    return
  }
  const isNodes = kind === 'receipt' || kind === 'presence'
  const known = isNodes || ['charter', 'acceptance', 'vouch', 'revocation', 'resignation'].includes(kind)
  must(known, 'register-kind-unsupported')
  must(circle !== undefined, 'register-without-circle')
  if (to === author) return
  const roster = circles[circle]
  if (roster === undefined) {
    must(kind === 'charter', 'unknown-circle')
    return
  }
  if (isNodes) {
    must(roster.members.includes(from) && roster.members.includes(to), 'register-pair-outside')
    must(roster.members.includes(author), 'register-author-outside')
    return
  }
  if (beginsCandidacy(register, from, to, roster)) return
  must(pair(roster, from, to, isReceiverAsking), 'register-pair-outside')
  if (kind === 'charter') return
  const as = standing(roster, author)
  const counts =
    as === 'member' ||
    roster.founders.includes(author) ||
    (as !== 'outsider' && ['acceptance', 'resignation'].includes(kind))
  must(counts, 'register-author-outside')
}

function checkForkHop(stream, from, to, circles) {
  const { author, circle, tlp: of } = stream
  if (circle === undefined || to === author || AUDIENCE[of] !== 1) {
    const members = Object.fromEntries(Object.entries(circles).map(([id, roster]) => [id, roster.members]))
    checkHop(stream, from, to, { circles: members, peers: [] })
    return
  }
  const roster = circles[circle] ?? no('unknown-circle')
  must(standing(roster, author) !== 'outsider', 'amber-author-not-member')
  must(from === author || roster.members.includes(from), 'amber-sender-not-member')
  must(roster.members.includes(to), 'amber-receiver-not-member')
}

// ---------------------------------------------------------------- §12 proofs

function readHopProof(bytes) {
  must(bytes.length === 253, 'hop-proof-length')
  const read = fields(bytes)
  must(read.int(1) === 1, 'hop-proof-version')
  const [from, to, stream, first, last, lastId] = [
    read.raw(32),
    read.raw(32),
    read.hex(32),
    read.int(8),
    read.int(8),
    read.hex(32)
  ]
  const [digest, day, at] = [read.raw(32), read.int(4), read.int(8)]
  must(at !== undefined && first >= 1 && first <= last, 'hop-proof-field')
  const proof = { from: didOf(from), to: didOf(to), stream, first, last, lastId, day, time: at }
  return isZero(digest) ? proof : { ...proof, rosterDigest: hex(digest) }
}
const isSignedProof = (bytes, key) => signed('tocsin/hop/1', key, bytes.subarray(0, 189), bytes.subarray(189))

function checkHopProof(proof, batch, now) {
  must(proof.from === batch.from, 'proof-other-sender')
  must(proof.to === batch.to, 'proof-other-receiver')
  must(proof.stream === batch.stream, 'proof-other-stream')
  must(
    ['first', 'last', 'lastId'].every((name) => proof[name] === batch[name]),
    'proof-other-range'
  )
  must(Math.abs(now - proof.time) <= 600_000, 'proof-other-time')
}

function readInstanceProof(bytes, key) {
  must(bytes.length === 88, 'refused')
  must(signed('tocsin/instance/1', key, bytes.subarray(0, 24), bytes.subarray(24)), 'refused')
  const read = fields(bytes)
  return { instance: read.hex(16), time: read.int(8) }
}

// ---------------------------------------------------------------- §13 forks

const continued = ({ predecessor, author, kind, tlp: of, circle, recipient }) =>
  predecessor && JSON.stringify([predecessor.stream, author, kind, of, circle ?? '', recipient ?? ''])

function readForkProof(bytes) {
  must(bytes.length === 762 && bytes[0] === 0xf0, 'fork-proof-length')
  must(bytes[1] === 1, 'fork-proof-version')
  const raw = [bytes.subarray(2, 382), bytes.subarray(382)]
  must(Buffer.compare(raw[0], raw[1]) < 0, 'fork-proof-order')
  const sides = raw.map((side) => {
    const stream = readDescriptor(side.subarray(0, 190))
    const entry = readHeader(side.subarray(190))
    must(entry.header.stream === stream.id, 'entry-field')
    must(quarterOf(entry.header.clock) === stream.descriptor.quarter, 'fork-proof-no-fork')
    return { stream, entry }
  })
  const [one, other] = sides
  const ids = { streams: sides.map(({ stream }) => stream.id), entries: sides.map(({ entry }) => entry.id) }
  const place = (...parts) => hex(H(ascii('tocsin/fork/1\0'), ...parts))
  if (one.stream.id === other.stream.id) {
    must(one.entry.header.seq === other.entry.header.seq && one.entry.id !== other.entry.id, 'fork-proof-no-fork')
    const isSplit = one.entry.header.previous === other.entry.header.previous
    const fork = {
      kind: 'entries',
      key: place(Uint8Array.of(1), unhex(one.stream.id)),
      seq: one.entry.header.seq,
      isSplit
    }
    return { ...fork, ...ids, sides }
  }
  const what = continued(one.stream.descriptor)
  must(what !== undefined && what === continued(other.stream.descriptor), 'fork-proof-no-fork')
  const { bytes: named, descriptor } = one.stream
  const parts = [
    named.subarray(1, 33),
    named.subarray(83, 85),
    named.subarray(86, 118),
    unhex(descriptor.predecessor.stream)
  ]
  return { kind: 'streams', key: place(Uint8Array.of(2), ...parts), seq: 1, isSplit: true, ...ids, sides }
}

// ---------------------------------------------------------------- §14 evidence

const PARTS = {
  misforward: [
    ['proof', 'descriptor'],
    ['header', 'members']
  ],
  'fork-entry': [['descriptor', 'header', 'otherHeader'], []],
  'fork-stream': [['descriptor', 'header', 'otherDescriptor', 'otherHeader'], []],
  'fork-register': [['register', 'otherRegister'], []],
  'foreign-entry': [['descriptor', 'header'], []],
  disowned: [['descriptor', 'header', 'register'], []]
}
const PART_NAMES = [
  'proof',
  'descriptor',
  'header',
  'members',
  'otherDescriptor',
  'otherHeader',
  'register',
  'otherRegister'
]
const evidenceShape = map({
  version: oneOf(1),
  kind: oneOf(...Object.keys(PARTS)),
  accused: isDid,
  code: isText(0, 64),
  at: ms,
  parts: map(Object.fromEntries(PART_NAMES.map((name) => [`${name}?`, isBytes])))
})

function readEvidence(bytes, cardBytes) {
  const evidence = readCbor(bytes, { maxBytes: 524_288, maxDepth: 3, maxItems: 64 })
  must(evidenceShape(evidence), 'evidence-malformed')
  const { kind, accused, code, at, parts } = evidence
  const { register: card } = readRegister(cardBytes)
  must(card.kind === 'card' && card.author === accused, 'evidence-card')
  const [needed, optional] = PARTS[kind]
  must(
    needed.every((name) => name in parts),
    'evidence-part'
  )
  must(
    Object.keys(parts).every((name) => needed.includes(name) || optional.includes(name)),
    'evidence-part'
  )
  const keys = [...card.value.nodeKeys, { key: card.value.next }]

  const itsEntry = (stream, raw) => {
    const entry = readHeader(raw)
    must(entry.header.stream === stream.id && isSignedEntry(stream.descriptor.nodeKey, entry), 'evidence-entry')
    return entry
  }
  const ownStream = (stream) => {
    must(code === kind, 'evidence-code')
    must(stream.descriptor.author === accused, 'evidence-stream')
    return keys.find((it) => it.key === stream.descriptor.nodeKey) ?? no('evidence-signer')
  }
  const signers = {
    misforward: () => [checkMisforward(evidence, keys, itsEntry)],
    'fork-entry': () => {
      const stream = readDescriptor(parts.descriptor)
      const signer = ownStream(stream)
      const raw = [parts.header, parts.otherHeader]
      for (const one of raw) readHeader(one)
      const [one, other] = raw.map((header) => itsEntry(stream, header))
      must(one.header.seq === other.header.seq && one.id !== other.id, 'evidence-no-fork')
      return [signer]
    },
    'fork-stream': () => {
      const streams = [readDescriptor(parts.descriptor), readDescriptor(parts.otherDescriptor)]
      const found = streams.map(ownStream)
      itsEntry(streams[0], parts.header)
      itsEntry(streams[1], parts.otherHeader)
      const [before, other] = streams.map(({ descriptor }) => descriptor.predecessor?.stream)
      must(streams[0].id !== streams[1].id && before !== undefined && before === other, 'evidence-no-fork')
      return found
    },
    'fork-register': () => {
      const [one, other] = [readRegister(parts.register), readRegister(parts.otherRegister)]
      must(code === kind, 'evidence-code')
      must(one.register.author === accused, 'evidence-signer')
      const contend = one.address === other.address && one.register.number === other.register.number
      must(contend && one.hash !== other.hash, 'evidence-no-fork')
      return []
    },
    disowned: () => {
      const stream = readDescriptor(parts.descriptor)
      const signer = ownStream(stream)
      const entry = itsEntry(stream, parts.header)
      const { register } = readRegister(parts.register)
      must(register.kind === 'closing' && register.stream === stream.id, 'evidence-stream')
      must(entry.header.seq > register.value.last, 'evidence-no-offence')
      return [signer]
    },
    'foreign-entry': () => {
      const stream = readDescriptor(parts.descriptor)
      const signer = ownStream(stream)
      itsEntry(stream, parts.header)
      return [signer]
    }
  }[kind]()
  return { kind, accused, code, at, doubtful: signers.some(({ until }) => until !== undefined) }
}

function checkMisforward({ accused, code, parts }, keys, itsEntry) {
  const proof = readHopProof(parts.proof)
  const stream = readDescriptor(parts.descriptor)
  must(proof.from === accused, 'evidence-signer')
  must(proof.stream === stream.id, 'evidence-stream')
  const signer = keys.find((it) => isSignedProof(parts.proof, unhex(it.key))) ?? no('evidence-signer')
  if (parts.header !== undefined) {
    const entry = readHeader(parts.header)
    must(entry.id === proof.lastId && entry.header.seq === proof.last, 'evidence-entry')
    itsEntry(stream, parts.header)
  }
  const { circle, author } = stream.descriptor
  const circles = {}
  if (parts.members !== undefined) {
    must(circle !== undefined && parts.members.length % 32 === 0, 'evidence-roster')
    const digest = H(ascii('tocsin/roster/1\0'), unhex(circle), be(proof.day, 4), parts.members)
    must(hex(digest) === proof.rosterDigest, 'evidence-roster')
    circles[circle] = Array.from({ length: parts.members.length / 32 }, (_, at) =>
      didOf(parts.members.subarray(32 * at, 32 * at + 32))
    )
  }
  let refusal
  try {
    checkHop(stream.descriptor, proof.from, proof.to, { circles, peers: [] })
  } catch (error) {
    refusal = error.code
  }
  const byLabels = ['red-relayed', 'red-not-recipient', 'strict-relayed'].includes(refusal)
  const byRoster = refusal !== undefined && parts.members !== undefined && proof.to !== author
  must(byLabels || byRoster, 'evidence-no-offence')
  must(!byLabels || parts.members === undefined, 'evidence-part')
  must(code === refusal, 'evidence-code')
  return signer
}

// ---------------------------------------------------------------- §17 frames

const isCode = (value) => isText(1, 64)(value) && pattern(/^[a-z0-9]+(-[a-z0-9]+)*$/)(value)
const bytesOfLength =
  (least, most = least) =>
  (value) =>
    isBytes(value) && value.length >= least && value.length <= most
const id32 = bytesOfLength(32)
const scope = (value) => value === null || id32(value)
const positive = int(1, MAX)
/** An array of exactly these fields. */
const record = (shape) => (value) =>
  Array.isArray(value) &&
  value.length === Object.keys(shape).length &&
  Object.values(shape).every((test, at) => test(value[at]))
const orNull = (test) => (value) => value === null || test(value)
const ROW = { order: int(0, 4), key: id32, number: positive, hash: id32, newest: ms }
const DIGEST = { scope, digest: id32 }
const WANT = { stream: id32, from: positive, describe: bool }
const name = (value) => id32(value) || int(0, 1023)(value)
const HEAD = { stream: name, seq: positive, id: bytesOfLength(16) }
const REGISTER = { address: id32, bytes: bytesOfLength(1, 34_816) }
const digests = all(
  list(0, 256, record(DIGEST)),
  unique(([of]) => (of === null ? 'direct' : hex(of)))
)
const descriptor = orNull(bytesOfLength(190))

const isMarks = (value) => isBytes(value) && value.length % 6 === 0 && value.length <= 216

/** Type → name, fields, greatest number of items, and the records that lists are made of. */
const FRAMES = {
  1: [
    'hello',
    {
      major: oneOf(1),
      minor: ms,
      cardNumber: ms,
      cardHash: id32,
      instance: bytesOfLength(16),
      proof: bytesOfLength(0, 256),
      window: ms,
      clock: ms,
      digests
    },
    800,
    DIGEST
  ],
  2: ['accept', {}, 16],
  3: ['refuse', { code: isCode }, 16],
  4: ['digests', { reset: bool, digests }, 776, DIGEST],
  5: ['buckets', { scope, buckets: bytesOfLength(1024) }, 16],
  6: [
    'rows',
    { scope, mask: bytesOfLength(8), answer: bool, last: bool, rows: list(0, 4096, record(ROW)) },
    24_592,
    ROW
  ],
  7: ['introduce', { circle: id32, rows: list(0, 4096, record(ROW)) }, 24_584, ROW],
  8: ['want', { wants: list(0, 64, record(WANT)) }, 264, WANT],
  9: ['want-registers', { addresses: list(0, 256, id32) }, 264],
  10: ['unavailable', { streams: list(0, 64, id32), registers: list(0, 256, id32) }, 328],
  11: [
    'batch',
    {
      stream: id32,
      first: positive,
      count: int(1, 512),
      rawLength: int(1, MIB),
      descriptor,
      proof: bytesOfLength(0, 512),
      packed: bytesOfLength(1, 1_114_112)
    },
    16
  ],
  12: ['registers', { registers: list(0, 256, record(REGISTER)) }, 776, REGISTER],
  13: [
    'large',
    {
      id: positive,
      stream: id32,
      header: bytesOfLength(190),
      descriptor,
      proof: bytesOfLength(0, 512),
      chunks: bytesOfLength(32, 4608)
    },
    16
  ],
  14: ['chunk', { id: positive, index: ms, bytes: bytesOfLength(1, 65_536) }, 16],
  15: ['large-done', { id: positive }, 16],
  16: ['have', { lazy: bool, heads: list(1, 256, record(HEAD)) }, 1032, HEAD],
  17: ['decline', { 'is-stream': bool, key: id32, code: isCode, resets: ms }, 16],
  18: ['credit', { amount: positive }, 16],
  19: ['twin', { instance: bytesOfLength(16), proof: bytesOfLength(0, 256) }, 16],
  20: ['heartbeat', {}, 16],
  21: ['prune', { stream: id32 }, 16],
  22: ['graft', { stream: id32 }, 16],
  23: [
    'sketch',
    { scope, salt: bytesOfLength(8), marks: (value) => isMarks(value) || (isBytes(value) && value.length === 224) },
    16
  ],
  24: ['differences', { scope, answer: bool, marks: isMarks, rows: list(0, 4096, record(ROW)) }, 24_592, ROW],
  25: [
    'push',
    {
      stream: name,
      seq: int(2, MAX),
      clock: ms,
      kind: int(1, 255),
      keepUntil: ms,
      signature: bytesOfLength(64),
      check: bytesOfLength(16),
      roster: orNull(bytesOfLength(36)),
      time: ms,
      proof: bytesOfLength(64),
      bodyLength: int(1, 65_536),
      packed: bytesOfLength(1, 1_114_112)
    },
    16
  ]
}

/** The items of a frame, by the names of its fields. */
function frameItems(bytes) {
  must(bytes.length <= 1_114_112, 'frame-too-long')
  const [type, shape, maxItems, part] = FRAMES[bytes[0]] ?? no('unknown-frame')
  let items
  try {
    items = readCbor(bytes.subarray(1), { maxBytes: 1_114_112, maxDepth: 3, maxItems })
  } catch (error) {
    throw error instanceof No ? new No('bad-frame') : error
  }
  must(Array.isArray(items), 'bad-frame')
  const names = Object.keys(shape)
  if (type === 'hello') {
    must(items.length > 0 && ms(items[0]), 'bad-frame')
    must(items[0] === 1, 'version-unsupported')
  }
  const mayBeLonger = type === 'hello' && items[1] >= 1
  must(items.length === names.length || (mayBeLonger && items.length > names.length), 'bad-frame')
  must(
    names.every((name, at) => shape[name](items[at])),
    'bad-frame'
  )
  return { type, shape, part, items }
}

function readFrame(bytes) {
  const { type, shape, part, items } = frameItems(bytes)
  const named = (of, values) => Object.fromEntries(Object.keys(of).map((name, at) => [name, shown(values[at])]))
  const shown = (value) => {
    if (isBytes(value)) return value.length <= 1024 ? hex(value) : { length: value.length, sha256: hex(H(value)) }
    if (Array.isArray(value)) return value.map((one) => (Array.isArray(one) ? named(part, one) : shown(one)))
    return value
  }
  const { 'is-stream': isStream, ...frame } = { type, ...named(shape, items) }
  return isStream === undefined ? frame : { ...frame, kind: isStream ? 'stream' : 'register' }
}

/** The window that a zstd frame asks for (RFC 8878 §3.1.1.1); undefined for what is no frame of ours. */
function zstdWindow(packed) {
  if (packed.length < 6 || hex(packed.subarray(0, 4)) !== '28b52ffd') return undefined
  const descriptorByte = packed[4]
  const isSingle = (descriptorByte & 0x20) !== 0
  if (descriptorByte & 0x08 || descriptorByte & 0x03) return undefined
  if (!isSingle) {
    const base = 2 ** (10 + (packed[5] >> 3))
    return base + (base / 8) * (packed[5] & 7)
  }
  const width = [1, 2, 4, 8][descriptorByte >> 6]
  const size = little(Uint8Array.from(packed.subarray(5, 5 + width)))
  return Number(size) + (width === 2 ? 256 : 0)
}

function unpack(packed, rawLength, dictionary = undefined) {
  must(rawLength >= 1 && rawLength <= MIB, 'bad-compression')
  must(zstdWindow(packed) <= MIB, 'bad-compression')
  let result
  try {
    const params = { [zlib.constants.ZSTD_d_windowLogMax]: 20 }
    const more = dictionary === undefined ? {} : { dictionary }
    result = zlib.zstdDecompressSync(packed, { info: true, maxOutputLength: rawLength, params, ...more })
  } catch {
    no('bad-compression')
  }
  must(result.buffer.length === rawLength && result.engine.bytesWritten === packed.length, 'bad-compression')
  return new Uint8Array(result.buffer)
}

function readBatch(packed, rawLength, stream, first, count) {
  const raw = unpack(packed, rawLength)
  const entries = []
  let at = 0
  for (let index = 0; index < count; index++) {
    const presence = raw[at]
    must(presence === 0 || presence === 1, 'bad-batch')
    const bytes = raw.subarray(at + 1, at + 191)
    const entry = tryTo(() => readHeader(bytes), 'bad-batch')
    must(entry.header.stream === stream && entry.header.seq === first + index, 'bad-batch')
    at += 191
    const length = presence * entry.header.bodyLength
    must(at + length <= raw.length, 'bad-batch')
    entries.push({ header: bytes, body: presence === 1 ? raw.subarray(at, at + length) : null })
    at += length
  }
  must(at === raw.length, 'bad-batch')
  return entries
}

const AT = '2026-01-01T00:00:00.000Z'
const malicious = (type, value) => ({ type, value, role: 'malicious' })
const DICTIONARY = writeCbor([
  { targets: [], reason: '', supersededBy: '' },
  { bulletin: '', target: '', indicators: [], reason: '' },
  {
    bulletin: '',
    author: 'did:key:z6Mk',
    indicator: { type: 'ipv6', value: '' },
    kind: 'false-positive',
    count: 1,
    firstSeen: AT,
    lastSeen: AT,
    comment: ''
  },
  {
    lang: 'fr',
    supersedes: '',
    indicators: [
      { ...malicious('ipv4', ''), comment: '', firstSeen: AT, lastSeen: AT, validUntil: AT },
      malicious('sha256', ''),
      malicious('email', '@'),
      malicious('domain', '.com'),
      malicious('url', 'https://')
    ],
    references: [{ site: '', url: 'https://', verdict: 'malicious', score: 100, at: AT }],
    rules: [{ kind: 'sigma', name: '', text: '' }],
    attachments: [{ name: '', mediaType: 'message/rfc822', size: 0, sha256: '', entry: '' }]
  },
  {
    id: '00000000-0000-4000-8000-000000000000',
    title: '',
    text: '',
    threat: 'phishing',
    pap: 'GREEN',
    confidence: 50,
    tags: [],
    indicators: [malicious('domain', ''), malicious('sha256', ''), malicious('ipv4', '')],
    references: [],
    rules: [],
    attachments: [],
    about: []
  }
])

/** What was signed, from a push and the one before it in its direction; null where it is to be asked for. */
function readPush(frames, stream, previous, from, to) {
  let roster
  let result
  for (const bytes of frames) {
    const { type, shape, items } = frameItems(bytes)
    must(type === 'push', 'unexpected-frame')
    const push = Object.fromEntries(Object.keys(shape).map((field, at) => [field, items[at]]))
    roster = push.roster ?? roster ?? no('unexpected-frame')
    result = previous === null ? null : restorePush({ ...push, roster }, unhex(stream), unhex(previous), from, to)
  }
  return result
}

function restorePush(push, stream, previous, from, to) {
  const body = unpack(push.packed, push.bodyLength, DICTIONARY)
  const [one, seq] = [Uint8Array.of(1), be(push.seq, 8)]
  const bodyFields = [Uint8Array.of(push.kind), be(body.length, 4), unhex(hashBody(body).hash), be(push.keepUntil, 8)]
  const header = join8(one, stream, seq, previous, be(push.clock, 8), ...bodyFields)
  const id = H(header)
  if (!same(id.subarray(0, 16), push.check)) return null
  const about = [one, keyOf(from), keyOf(to), stream, seq, seq, id]
  const proof = join8(...about, push.roster, be(push.time, 8), push.proof)
  return { header: hex(join8(header, push.signature)), body: hex(body), proof: hex(proof) }
}

/** The content of a batch, and the batch: what a sender does. */
function packBatch(entries) {
  const raw = join8(
    ...entries.flatMap(({ header, body }) => [Uint8Array.of(body === null ? 0 : 1), header, body ?? new Uint8Array(0)])
  )
  const params = { [zlib.constants.ZSTD_c_windowLog]: 20 }
  return { rawLength: raw.length, packed: zlib.zstdCompressSync(raw, { pledgedSrcSize: raw.length, params }) }
}

function tryTo(run, code) {
  try {
    return run()
  } catch (error) {
    throw error instanceof No ? new No(code) : error
  }
}

function checkLarge(headerBytes, chunks) {
  const { header } = tryTo(() => readHeader(headerBytes), 'bad-batch')
  must(chunks.length === 32 * Math.ceil(header.bodyLength / 65_536), 'bad-batch')
  must(hex(H(ascii('tocsin/body/1\0'), chunks)) === header.bodyHash && header.bodyLength > 65_536, 'bad-batch')
  return header
}

function checkChunk(headerBytes, chunks, index, bytes) {
  const { bodyLength } = checkLarge(headerBytes, chunks)
  const due = Math.min(65_536, bodyLength - index * 65_536)
  must(bytes.length === due && same(H(bytes), chunks.subarray(32 * index, 32 * index + 32)), 'chunk-mismatch')
}

const ROW_KINDS = { register: 1, stream: 2 }
const rowBytes = ({ kind, key: of, number, hash }) =>
  join8(Uint8Array.of(ROW_KINDS[kind]), unhex(of), be(number, 8), unhex(hash))
const digestOf = (rows) => H(ascii('tocsin/digest/1\0'), ...rows.map(rowBytes).sort(Buffer.compare))
const bucketOf = (of) => H(unhex(of))[0] >> 2
const bucketsOf = (rows) =>
  join8(
    ...Array.from({ length: 64 }, (_, bucket) =>
      digestOf(rows.filter((row) => bucketOf(row.key) === bucket)).subarray(0, 16)
    )
  )

function maskOf(a, b) {
  const mask = new Uint8Array(8)
  for (let bucket = 0; bucket < 64; bucket++) {
    const [one, other] = [a, b].map((buckets) => buckets.subarray(16 * bucket, 16 * bucket + 16))
    if (!same(one, other)) mask[bucket >> 3] |= 1 << (bucket % 8)
  }
  return mask
}

// A sketch as one number for each cell: XOR of BigInts, a mark ‖ its check.
const markOf = (salt, row) => hex(H(ascii('tocsin/mark/1\0'), salt, rowBytes(row)).subarray(0, 6))
const withCheck = (mark) => {
  const [a, b, c] = [0, 4, 8].map((at) => Number.parseInt(mark.slice(at, at + 4), 16))
  return BigInt(`0x${mark}`) * 65_536n + BigInt((a * b + c) % 65_521)
}
const cellsOf = (mark) => [0, 1, 2, 3].map((part) => part * 7 + (unhex(mark)[part] % 7))

function addTo(cells, mark) {
  for (const cell of cellsOf(mark)) cells[cell] ^= withCheck(mark)
}

function sketchOf(marks) {
  if (marks.length <= 36) return join8(...marks.sort().map(unhex))
  const cells = new Array(28).fill(0n)
  for (const mark of marks) addTo(cells, mark)
  return unhex(cells.map((cell) => cell.toString(16).padStart(16, '0')).join(''))
}

/** The marks that one of both alone has; undefined where the cells do not tell. */
function sketchDifference(own, sketch) {
  const pieces = (size) => hex(sketch).match(new RegExp(`.{${size}}`, 'g')) ?? []
  if (sketch.length !== 224) return [...new Set(own).symmetricDifference(new Set(pieces(12)))]
  const cells = pieces(16).map((cell) => BigInt(`0x${cell}`))
  for (const mark of own) addTo(cells, mark)
  const found = []
  for (;;) {
    const lone = cells.findIndex((cell, at) => {
      const mark = (cell / 65_536n).toString(16).padStart(12, '0')
      return cell >= 65_536n && withCheck(mark) === cell && cellsOf(mark).includes(at)
    })
    if (lone < 0) break
    const mark = (cells[lone] / 65_536n).toString(16).padStart(12, '0')
    if (found.includes(mark) || found.length === 28) return undefined
    found.push(mark)
    addTo(cells, mark)
  }
  return cells.every((cell) => cell === 0n) ? found : undefined
}

function toldBy(sketch, salt, rows) {
  const own = new Map(rows.map((row) => [markOf(salt, row), row.key]))
  const found = sketchDifference([...own.keys()], sketch)
  if (found === undefined) return null
  const keys = found.flatMap((mark) => own.get(mark) ?? [])
  const marks = found.filter((mark) => !own.has(mark))
  return { keys: keys.sort(), marks: marks.sort().join('') }
}

// ---------------------------------------------------------------- the vectors

const bytesOf = (given) =>
  typeof given === 'string'
    ? unhex(given)
    : unhex(given.map((part) => (typeof part === 'string' ? part : part.repeat.repeat(part.times))).join(''))

/** Written again, it must be what was read. */
const again = (bytes, value) => {
  if (!same(writeCbor(value), bytes)) throw new Error('a value encodes to other bytes')
  return value
}

const RUNS = {
  'did-key': ({ id }) => ({ key: hex(keyOf(id)) }),
  'comparison-number': (it) => ({ number: comparisonNumber(unhex(it.key)) }),
  'card-text': ({ text }) => ({ hex: hex(cardText(text)) }),
  ed25519: (it) => must(verify(unhex(it.publicKey), unhex(it.message), unhex(it.signature)), 'refused'),
  cbor: ({ hex: of, ...limits }) => again(bytesOf(of), readCbor(bytesOf(of), limits)),
  descriptor: (it) => {
    const { id, descriptor: value } = readDescriptor(unhex(it.hex))
    return { id, descriptor: value }
  },
  'entry-header': (it) => {
    const { id, header } = readHeader(unhex(it.hex))
    return { id, header }
  },
  'entry-signature': (it) =>
    must(
      isSignedEntry(readDescriptor(unhex(it.descriptor)).descriptor.nodeKey, readHeader(unhex(it.hex))),
      'bad-signature'
    ),
  'entry-link': ({ descriptor: of, previous, next }) => {
    checkLink(readDescriptor(unhex(of)), previous && readHeader(unhex(previous)), readHeader(unhex(next)))
    return true
  },
  'body-hash': ({ body }) => {
    const { hash, chunks } = hashBody(bytesOf(body))
    return { hash, chunks: hex(chunks) }
  },
  'body-match': (it) => {
    const { header } = readHeader(unhex(it.hex))
    const body = unhex(it.body)
    return must(body.length === header.bodyLength && hashBody(body).hash === header.bodyHash, 'body-mismatch')
  },
  body: ({ kind, hex: of }) => readBody(kind, bytesOf(of)),
  indicator: (it) => must(typedValue(it), 'bad-shape'),
  register: (it) => readRegister(bytesOf(it.hex)),
  roster: ({ charter, statements, day }) =>
    foldRoster(
      readRegister(unhex(charter)).register,
      statements.map((one) => readRegister(unhex(one))),
      day
    ),
  'via-seal': sealVia,
  via: readVia,
  presence: ({ charter, statements, day }) =>
    presenceOf(
      readRegister(unhex(charter)).register,
      statements.map((one) => readRegister(unhex(one))),
      day
    ),
  freshness: (it) => {
    checkFreshness(it)
    return true
  },
  'roster-digest': ({ circle, day, members }) => ({ digest: rosterDigest(circle, day, members) }),
  hop: ({ stream, from, to, ...view }) => {
    checkHop(stream, from, to, view)
    return true
  },
  'hop-register': ({ register, from, to, circles, asker }) => {
    checkRegisterHop(register, from, to, circles, asker === 'to')
    return true
  },
  'hop-fork': ({ stream, from, to, circles }) => {
    checkForkHop(stream, from, to, circles)
    return true
  },
  'hop-proof': (it) => readHopProof(unhex(it.hex)),
  'hop-proof-signature': (it) => {
    readHopProof(unhex(it.hex))
    return must(isSignedProof(unhex(it.hex), unhex(it.nodeKey)), 'refused')
  },
  'hop-proof-check': ({ hex: of, batch, now }) => {
    checkHopProof(readHopProof(unhex(of)), batch, now)
    return true
  },
  'instance-proof': (it) => readInstanceProof(unhex(it.hex), unhex(it.nodeKey)),
  'erase-now': ({ author, targets, eraseNow }) => {
    must(hexOf(64)(eraseNow), 'refused')
    return must(signed('tocsin/erase-now/1', keyOf(author), join8(...targets.map(unhex)), unhex(eraseNow)), 'refused')
  },
  'fork-proof': (it) => {
    const { sides, ...fork } = readForkProof(unhex(it.hex))
    return fork
  },
  'fork-proof-signature': (it) => {
    const { sides } = readForkProof(unhex(it.hex))
    return must(
      sides.every(({ stream, entry }) => isSignedEntry(stream.descriptor.nodeKey, entry)),
      'bad-signature'
    )
  },
  evidence: (it) => readEvidence(unhex(it.hex), unhex(it.card)),
  frame: (it) => readFrame(bytesOf(it.hex)),
  batch: ({ packed, rawLength, stream, first, count }) => {
    const entries = readBatch(bytesOf(packed), rawLength, stream, first, count)
    const own = packBatch(entries)
    if (own.rawLength !== rawLength) throw new Error('a batch packs to another length')
    const back = readBatch(own.packed, rawLength, stream, first, count)
    return back.map(({ header, body }) => ({ header: hex(header), body: body && hex(body) }))
  },
  push: (it) => readPush([it.before, it.hex].filter(Boolean).map(unhex), it.stream, it.previous, it.from, it.to),
  dictionary: () => ({ hex: hex(DICTIONARY) }),
  large: ({ header, chunks }) => {
    checkLarge(unhex(header), unhex(chunks))
    return true
  },
  chunk: ({ header, chunks, index, bytes }) => {
    checkChunk(unhex(header), unhex(chunks), index, bytesOf(bytes))
    return true
  },
  digest: ({ rows }) => ({ digest: hex(digestOf(rows)) }),
  sketch: ({ salt, rows }) => ({ marks: hex(sketchOf(rows.map((row) => markOf(unhex(salt), row)))) }),
  difference: ({ salt, rows, marks }) => ({ told: toldBy(unhex(marks), unhex(salt), rows) }),
  bucket: (it) => ({ bucket: bucketOf(it.key) }),
  buckets: ({ rows }) => ({ buckets: hex(bucketsOf(rows)) }),
  mask: ({ a, b }) => ({ mask: hex(maskOf(unhex(a), unhex(b))) })
}

/** JSON with keys in one order, so that texts can be compared. */
const stable = (value) => {
  if (isBytes(value) && value.length > 1024) return stable({ length: value.length, sha256: hex(H(value)) })
  if (isBytes(value)) return stable({ bytes: hex(value) })
  if (Array.isArray(value)) return `[${value.map(stable).join()}]`
  if (!isMap(value)) return JSON.stringify(value)
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  return `{${names
    .sort(order)
    .map((name) => `${JSON.stringify(name)}:${stable(value[name])}`)
    .join()}}`
}

/** What a case comes to, in words; undefined where it is as it says. */
function faultOf(one) {
  const run = RUNS[one.kind]
  if (run === undefined) return 'no such kind'
  if (!('result' in one) === !('error' in one)) return 'neither or both of result and error'
  let outcome
  try {
    outcome = { result: run(one.input) }
  } catch (error) {
    outcome = error instanceof No ? { error: error.code } : { bug: `${error.stack}` }
  }
  const wanted = 'error' in one ? { error: one.error } : { result: one.result }
  return stable(outcome) === stable(wanted) ? undefined : stable(outcome).slice(0, 400)
}

/** Published vectors in their own formats, as cases of ours. */
const REFERENCES = {
  'rfc8032.json': (file) =>
    file.map(({ pub, msg, sig }) => ['RFC 8032', { publicKey: pub, message: msg, signature: sig }, true]),
  'wycheproof-ed25519.json': (file) =>
    file.testGroups.flatMap(({ publicKey, tests }) =>
      tests.map(({ tcId, msg, sig, result }) => [
        `Wycheproof ${tcId}`,
        { publicKey: publicKey.pk, message: msg, signature: sig },
        result === 'valid'
      ])
    )
}
const asCase = ([name, input, holds]) => ({
  kind: 'ed25519',
  name,
  input,
  ...(holds ? { result: true } : { error: 'refused' })
})

function main(folder) {
  const read = (path) => JSON.parse(readFileSync(path, 'utf8'))
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => [name, read(join(folder, name)).cases ?? []])
  const reference = join(folder, '..', 'reference', 'ed25519')
  for (const [name, cases] of Object.entries(REFERENCES))
    if (existsSync(join(reference, name))) files.push([name, cases(read(join(reference, name))).map(asCase)])

  const total = { passed: 0, failed: 0 }
  for (const [name, cases] of files) {
    const faults = cases.flatMap((one) => {
      const fault = faultOf(one)
      return fault === undefined ? [] : [`  ${one.kind}: ${one.name}: ${fault}\n`]
    })
    total.passed += cases.length - faults.length
    if (cases.length === 0) faults.push('  no cases\n')
    total.failed += faults.length
    process.stdout.write(`${name}: ${cases.length} cases, ${faults.length} failed\n${faults.join('')}`)
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`)
  process.exitCode = total.failed > 0 ? 1 : 0
}

const [folder] = process.argv.slice(2)
if (folder === undefined || zlib.zstdDecompressSync === undefined) {
  process.stderr.write('usage: node scripts/protocol-reader.mjs test/vectors (Node 22.15 or later, for zstd)\n')
  process.exitCode = 2
} else main(folder)
