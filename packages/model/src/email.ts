import { parseDomain } from './domain.ts'
import { accept, type ParsedValue, refuse } from './parsed.ts'

// RFC 5321 §4.1.2 dot-string, with the letters of RFC 6531; quoted local parts occur in forgeries only.
const LOCAL = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u

/**
 * An e-mail address in lower case, domain in A-labels. RFC 5321 §2.4 lets the local part be case-sensitive; no large
 * operator does, attackers vary the case, and two officers who pasted one address must find each other.
 */
export function parseEmail(text: string): ParsedValue {
  const at = text.lastIndexOf('@')
  if (at < 1) return refuse('email-syntax')
  const local = text.slice(0, at).normalize('NFC').toLowerCase().normalize('NFC')
  if (!LOCAL.test(local) || Buffer.byteLength(local) > 64) return refuse('email-syntax')
  const domain = parseDomain(text.slice(at + 1))
  return domain.ok ? accept(`${local}@${domain.value}`) : refuse('email-domain')
}

/** The domain of an e-mail address or of an account `name@domain` in normal form; null where there is none. */
export function emailDomain(value: string): string | null {
  const at = value.lastIndexOf('@')
  return at < 0 || at === value.length - 1 ? null : value.slice(at + 1)
}

/** A Message-ID (RFC 5322 §3.6.4) without its angle brackets; both halves are compared byte by byte, so kept. */
export function parseMessageId(text: string): ParsedValue {
  const inner = text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1) : text
  return /^[^\s<>@"\\]+@[^\s<>@"\\]+$/u.test(inner) ? accept(inner) : refuse('message-id-syntax')
}

/** A subject: white space of any kind and length is one space (header folding, RFC 5322 §2.2.3), Unicode in NFC. */
export function parseSubject(text: string): ParsedValue {
  return accept(text.normalize('NFC').replace(/\s+/gu, ' ').trim())
}

const LOGIN = /^[\p{L}\p{M}\p{N}._$+-]+$/u
const WINDOWS_LOGIN = /^[\p{L}\p{M}\p{N}._-]+\\[\p{L}\p{M}\p{N}._$+-]+$/u

/**
 * An account that was compromised or used: `name`, `DOMAIN\name` or `name@domain`, in lower case as directories
 * compare. Lists of stolen accounts come as `name:password`; whatever could carry a second field is refused, so that
 * no password is ever published by a hurried paste.
 */
export function parseAccount(text: string): ParsedValue {
  if (/[\s:;|,/=]/u.test(text)) return refuse('account-with-password')
  const name = text.normalize('NFC').toLowerCase().normalize('NFC')
  if (LOGIN.test(name) || WINDOWS_LOGIN.test(name)) return accept(name)
  const at = name.lastIndexOf('@')
  if (at < 1 || !LOGIN.test(name.slice(0, at))) return refuse('account-syntax')
  const domain = parseDomain(name.slice(at + 1))
  return domain.ok ? accept(`${name.slice(0, at)}@${domain.value}`) : refuse('account-syntax')
}
