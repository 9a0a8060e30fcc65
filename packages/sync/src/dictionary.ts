import { encode } from '@tocsin/journal'

const indicator = (type: string, value: string): object => ({ type, value, role: 'malicious' })
const AT = '2026-01-01T00:00:00.000Z'

/**
 * (wire) What pushed bodies are compressed against (zstd, raw content): a third of a bulletin of one indicator is names
 * of fields. Like every code it never changes; another one would be another frame type.
 */
export const DICTIONARY: Uint8Array = encode([
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
      { ...indicator('ipv4', ''), comment: '', firstSeen: AT, lastSeen: AT, validUntil: AT },
      indicator('sha256', ''),
      indicator('email', '@'),
      indicator('domain', '.com'),
      indicator('url', 'https://')
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
    indicators: [indicator('domain', ''), indicator('sha256', ''), indicator('ipv4', '')],
    references: [],
    rules: [],
    attachments: [],
    about: []
  }
])
