import { accept, type ParsedValue, refuse } from './parsed.ts'

/** A parser for exactly `digits` hexadecimal digits, lower case in normal form. */
export function hexOf(digits: number): (text: string) => ParsedValue {
  return (text) => {
    if (!/^[0-9a-f]+$/i.test(text)) return refuse('hash-syntax')
    if (text.length !== digits) return refuse('hash-length', `${digits} hexadecimal digits are wanted.`)
    return accept(text.toLowerCase())
  }
}

/** A certificate fingerprint: as a hash, but tools print it as `AA:BB:…` or with spaces. */
export function fingerprintOf(digits: number): (text: string) => ParsedValue {
  const parse = hexOf(digits)
  return (text) => parse(/^[0-9a-f]{2}(?:[: ][0-9a-f]{2})+$/i.test(text) ? text.replace(/[: ]/g, '') : text)
}

/** ssdeep: block size 3·2ⁿ, then two base64 digests of at most 64 digits; case matters. The name after it is cut off by no one here. */
export function parseSsdeep(text: string): ParsedValue {
  const [, size = ''] = /^(\d{1,10}):[A-Za-z0-9+/]{0,64}:[A-Za-z0-9+/]{0,64}$/.exec(text) ?? []
  if (size === '' || size.startsWith('0') || Number(size) % 3 !== 0) return refuse('ssdeep-syntax')
  return Number.isInteger(Math.log2(Number(size) / 3)) ? accept(text) : refuse('ssdeep-syntax')
}

/** TLSH as its library prints it since version 4: `T1` and 70 upper-case digits; the older form without T1 gets it. */
export function parseTlsh(text: string): ParsedValue {
  const [, digits] = /^(?:T1)?([0-9A-F]{70})$/i.exec(text) ?? []
  return digits === undefined ? refuse('tlsh-syntax') : accept(`T1${digits.toUpperCase()}`)
}

// FoxIO JA4 technical details: protocol, TLS version, SNI, cipher and extension counts, ALPN; then two truncated SHA-256.
const JA4 = /^[tqd](?:1[0-3]|s[1-3]|d[1-3]|00)[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/

/** A JA4 client fingerprint such as `t13d1516h2_8daaf6152771_e5627efa2ab1`. */
export function parseJa4(text: string): ParsedValue {
  const value = text.toLowerCase()
  return JA4.test(value) ? accept(value) : refuse('ja4-syntax')
}

/** A JARM server fingerprint; 62 zeros mean that the server spoke no TLS, which half the Internet shares. */
export function parseJarm(text: string): ParsedValue {
  const value = text.toLowerCase()
  return /^[0-9a-f]{62}$/.test(value) && !/^0+$/.test(value) ? accept(value) : refuse('jarm-syntax')
}
