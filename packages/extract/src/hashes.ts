import type { IndicatorType } from '@tocsin/model'
import type { TokenContext } from './tokens.ts'
import { HASH_WORDS } from './words.ts'

const FILE_HASHES: Readonly<Record<number, IndicatorType>> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' }
const CERTIFICATE_HASHES: Readonly<Record<number, IndicatorType>> = { 40: 'x509-sha1', 64: 'x509-sha256' }

/** Hashes of nothing, which every log is full of. */
const EMPTY_FILE = new Set([
  'd41d8cd98f00b204e9800998ecf8427e',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e'
])

type Announced = 'ja3' | 'jarm' | 'tlsh' | 'certificate' | 'file' | 'other' | 'none'

/**
 * Reads hexadecimal digits by their number and by the nearest word before them: file hashes by length, JA3, JARM,
 * TLSH and certificates where announced, commits never. Returns false when it is none of these.
 */
export function readHash(
  { part, collector, surroundings }: TokenContext,
  token: string,
  start: number,
  end: number
): boolean {
  const digits = token.replaceAll(':', '')
  const announced = announcement(surroundings.before(start))
  if (announced === 'other') return true
  if (EMPTY_FILE.has(digits.toLowerCase())) {
    collector.refuse(part, 'empty-file-hash', start, end)
    return true
  }
  const type = typeOf(digits, announced)
  // With colons it is a certificate or, unannounced, a mere list of bytes.
  if (token.includes(':') && type !== 'x509-sha1' && type !== 'x509-sha256') return true
  if (type !== undefined) {
    // Digits without a single letter are a number, unless somebody calls them a hash.
    if (!/[a-f]/i.test(digits) && announced === 'none') return false
    return collector.offer(part, type, digits, start, end)
  }
  if (announced === 'none') return false
  collector.refuse(part, 'bad-hash-length', start, end)
  return true
}

function typeOf(digits: string, announced: Announced): IndicatorType | undefined {
  if (/^T1/i.test(digits)) return digits.length === 72 ? 'tlsh' : undefined
  if (announced === 'ja3' && digits.length === 32) return 'ja3'
  if (announced === 'tlsh' && digits.length === 70) return 'tlsh'
  // No other fingerprint has 62 digits.
  if (digits.length === 62) return 'jarm'
  const certificate = announced === 'certificate' ? CERTIFICATE_HASHES[digits.length] : undefined
  return certificate ?? FILE_HASHES[digits.length]
}

function announcement(before: string): Announced {
  let nearest: Announced = 'none'
  for (const [word] of before.toLowerCase().matchAll(HASH_WORDS)) {
    // JA3S is the server's side, for which no type of indicator stands.
    if (word === 'ja3s') nearest = 'other'
    else if (/^(?:hash|condensat)/.test(word) && nearest !== 'none') continue
    else if (word.startsWith('ja')) nearest = word === 'jarm' ? 'jarm' : 'ja3'
    else if (/^(?:x|cert|thumb|tls|ssl)/.test(word)) nearest = 'certificate'
    else if (/^(?:commit|git|rev)/.test(word)) nearest = 'other'
    else if (word === 'tlsh') nearest = 'tlsh'
    // 'certificat SHA-1' is still about the certificate.
    else if (!(word.startsWith('sha') && nearest === 'certificate')) nearest = 'file'
  }
  return nearest
}
