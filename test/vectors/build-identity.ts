import { cardText, comparisonNumber, institutionId, signingKey, toHex } from '@tocsin/journal'
import { type Case, fails, holds, type VectorFile } from './case.ts'
import { patchText } from './records.ts'

const BASE = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp'

const badIds: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['without the scheme', BASE.slice('did:key:'.length)],
  ['another method', BASE.replace('did:key:', 'did:web:')],
  ['another multibase', BASE.replace('did:key:z', 'did:key:u')],
  ['a key of X25519', 'did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F'],
  ['one digit short', BASE.slice(0, -1)],
  ['one digit long', `${BASE}1`],
  ['a digit that base58btc leaves out', BASE.replace('iTBz', 'iTB0')],
  ['capitals', BASE.toUpperCase()],
  ['a fragment', `${BASE}#key`],
  ['space at the end', `${BASE} `],
  ['a line break at the end', `${BASE}\n`],
  ['too large for 34 bytes', `did:key:z6Mk${'z'.repeat(44)}`]
]

const bytes = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff)
const text = cardText(bytes)
const [BEGIN = '', first = ''] = text.split('\n')
const lines = (change: (line: string) => string): string => text.split('\n').map(change).join('\n')

const cardTexts: readonly (readonly [string, string])[] = [
  ['as it is written', text],
  ['with a mail around it', `Bonjour,\n\n${text}\n-- \nLe RSSI`],
  ['quoted in an answer', lines((line) => `> ${line}`)],
  ['indented, with CRLF', lines((line) => `  ${line}\r`)],
  ['in one line of base64', text.replaceAll(/(?<=[\w+/])\n(?=[\w+/])/g, '')]
]

const badCardTexts: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['no end', text.slice(0, -30)],
  ['no begin', text.slice(BEGIN.length)],
  ['an empty block', patchText(text, text.slice(BEGIN.length + 1, text.indexOf('\n-----END')), '')],
  ['two blocks', `${text}${text}`],
  ['two begins', `${BEGIN}\n${text}`],
  ['a line that is no base64', patchText(text, first, 'Cordialement,')],
  ['an alphabet for URLs', patchText(text, '+', '-')],
  ['a space within', patchText(text, first, `${first.slice(0, 8)} ${first.slice(8)}`)],
  ['padding left out', patchText(cardText(bytes.subarray(0, 299)), '=\n', '\n')],
  ['spare bits that are not zero', patchText(cardText(Uint8Array.of(0)), 'AA==', 'AB==')],
  ['marks in lower case', text.toLowerCase()]
]

/** Every case, in a fixed order. */
export async function buildIdentity(): Promise<VectorFile> {
  const identities = [0, 1, 255].map(async (fill): Promise<Case[]> => {
    const key = signingKey(new Uint8Array(32).fill(fill)).publicKey
    const id = institutionId(key)
    return [
      holds('did-key', `key of seed ${fill}`, { id }, { key: toHex(key) }),
      holds('comparison-number', `key of seed ${fill}`, { key: toHex(key) }, { number: await comparisonNumber(key) })
    ]
  })
  return {
    description: 'Institution ids (did:key), comparison numbers, and cards as text.',
    cases: [
      ...(await Promise.all(identities)).flat(),
      ...badIds.map(([name, id]) => fails('did-key', name, { id }, 'institution-id-malformed')),
      ...cardTexts.map(([name, it]) => holds('card-text', name, { text: it }, { hex: toHex(bytes) })),
      ...badCardTexts.map(([name, it]) => fails('card-text', name, { text: it }, 'card-text'))
    ]
  }
}
