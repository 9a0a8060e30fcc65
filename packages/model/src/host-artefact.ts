import { accept, type ParsedValue, refuse } from './parsed.ts'

/** A file name without path, in NFC (macOS hands out NFD), case kept: Linux tells them apart. */
export function parseFilename(text: string): ParsedValue {
  if (/[/\\]/.test(text)) return refuse('filename-with-path')
  const value = text.normalize('NFC')
  // 255 bytes is NAME_MAX of every file system in use.
  return value === '.' || value === '..' || Buffer.byteLength(value) > 255 ? refuse('filename-syntax') : accept(value)
}

/** `AS2200`, also read from `2200`, `ASN2200` and `AS 2200` (RFC 5396 asplain, 32 bits, zero is reserved). */
export function parseAsn(text: string): ParsedValue {
  const [, digits = '0'] = /^(?:ASN?\s?)?(\d{1,10})$/i.exec(text) ?? []
  const number = Number(digits)
  return number < 1 || number > 0xffffffff ? refuse('asn-syntax') : accept(`AS${number}`)
}

const HIVES: readonly (readonly [RegExp, string])[] = [
  [/^(?:computer\\)?(?:hkey_local_machine|hklm):?(?=\\|$)/i, 'HKLM'],
  [/^(?:computer\\)?(?:hkey_current_user|hkcu):?(?=\\|$)/i, 'HKCU'],
  [/^(?:computer\\)?(?:hkey_classes_root|hkcr):?(?=\\|$)/i, 'HKCR'],
  [/^(?:computer\\)?(?:hkey_current_config|hkcc):?(?=\\|$)/i, 'HKCC'],
  [/^(?:computer\\)?(?:hkey_users|hku):?(?=\\|$)/i, 'HKU'],
  [/^\\registry\\machine(?=\\|$)/i, 'HKLM'],
  [/^\\registry\\user(?=\\|$)/i, 'HKU']
]

/**
 * A Windows registry key, with or without a value name: hive abbreviated in capitals, the rest in lower case because
 * the registry ignores case, runs of backslashes single (they double in JSON and .reg files), none at the end.
 */
export function parseRegkey(text: string): ParsedValue {
  const path = text.replace(/\\+/g, '\\')
  for (const [pattern, hive] of HIVES) {
    const match = pattern.exec(path)
    if (match === null) continue
    const rest = path
      .slice(match[0].length)
      .normalize('NFC')
      .toLowerCase()
      .normalize('NFC')
      .replace(/[\\\s]+$/u, '')
    // A hive alone is every Windows machine.
    return rest === '' ? refuse('regkey-hive') : accept(hive + rest)
  }
  return refuse('regkey-hive')
}

/** `CVE-2024-3094` (any case) or `GHSA-xxxx-xxxx-xxxx` with the prefix in capitals and the rest in lower case. */
export function parseVulnerability(text: string): ParsedValue {
  const value = text.toUpperCase()
  // Since 2014 a CVE number has four digits or more; the year 1999 is the first.
  if (/^CVE-(?:1999|2\d{3})-(?:\d{4}|[1-9]\d{4,18})$/.test(value)) return accept(value)
  const [, rest] = /^GHSA((?:-[23456789cfghjmpqrvwx]{4}){3})$/i.exec(text) ?? []
  return rest === undefined ? refuse('vulnerability-syntax') : accept(`GHSA${rest.toLowerCase()}`)
}

/** Text that matters byte by byte: a user agent, a mutex. */
export function parseExact(text: string): ParsedValue {
  return accept(text)
}
