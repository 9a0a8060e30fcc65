import {
  concatBytes,
  encode,
  fromHex,
  institutionKey,
  nodeKey,
  openRegister,
  prepareRegister,
  proveNodeKey,
  type RegisterFields,
  type SigningKey,
  signRegister,
  toHex,
  utf8
} from '@tocsin/journal'
import { holds, refusals, type VectorFile } from './case.ts'
import { author, card, charter, circle, NOW, nextNode, node, other, otherRoot, patch, root } from './records.ts'

const vouch = {
  name: 'Université de Lorraine',
  domains: ['univ-lorraine.fr'],
  how: 'phone',
  checkedAt: NOW,
  expires: 21_000
} as const
const acceptance: RegisterFields = { kind: 'acceptance', author, circle, number: NOW, value: { name: 'esr-fr' } }

const valid: readonly (readonly [string, RegisterFields])[] = [
  ['card', { kind: 'card', author, number: NOW, value: card }],
  ['charter', { kind: 'charter', author, circle, number: NOW, value: charter }],
  ['acceptance', acceptance],
  [
    'vouch',
    { kind: 'vouch', author, circle, subject: other, number: NOW, value: { ...vouch, domains: [...vouch.domains] } }
  ],
  ['revocation', { kind: 'revocation', author, circle, subject: other, number: NOW, value: { reason: 'clé volée' } }],
  [
    'lifted revocation',
    {
      kind: 'revocation',
      author,
      circle,
      subject: other,
      number: NOW + 1,
      value: { reason: 'clé changée', lifted: true }
    }
  ],
  ['resignation', { kind: 'resignation', author, circle, number: 1, value: {} }],
  ['the greatest number', { kind: 'resignation', author, circle, number: 2 ** 53 - 1, value: { reason: 'fin' } }]
]

interface Raw {
  readonly version?: string
  readonly kind?: string
  readonly author?: Uint8Array
  readonly signer?: Uint8Array
  readonly circle?: string
  readonly subject?: string
  readonly number?: string
  readonly length?: string
  readonly value?: unknown
  readonly bytes?: Uint8Array
  readonly key?: SigningKey
}

const NONE = '00'.repeat(32)
const OTHER = toHex(institutionKey(other))

/** Writes a register field by field and signs it, so that nothing but the named fault is wrong. */
function raw(it: Raw): Uint8Array {
  const value = it.bytes ?? encode(it.value ?? { name: 'esr-fr' })
  const rootKey = it.author ?? root.publicKey
  const unsigned = concatBytes(
    fromHex(`${it.version ?? '01'}${it.kind ?? '03'}`),
    rootKey,
    it.signer ?? rootKey,
    fromHex(`${it.circle ?? circle}${it.subject ?? NONE}`),
    fromHex(it.number ?? '0000000000000007'),
    fromHex(it.length ?? value.length.toString(16).padStart(8, '0')),
    value
  )
  return concatBytes(unsigned, (it.key ?? root).sign(concatBytes(utf8('tocsin/register/1\0'), unsigned)))
}

const good = raw({})
const onCard = (change: object): Raw => ({ kind: '01', circle: NONE, value: { ...card, ...change } })
const onCharter = (change: object): Raw => {
  const value = { ...charter, ...change }
  return { kind: '02', circle, value }
}
const first = card.nodeKeys[0] ?? { key: '', from: 0, proof: '' }
const ownKey = { key: nodeKey(root.publicKey), from: 0, proof: proveNodeKey(root, root.publicKey) }
const theirs = prepareRegister({
  kind: 'charter',
  author: other,
  number: 1,
  value: { ...charter, founders: [other], threshold: 1 }
})
const theirCircle = toHex(theirs.subarray(66, 98))

const refused: readonly (readonly [string, Uint8Array, string])[] = [
  ['empty', new Uint8Array(0), 'register-length'],
  ['shorter than a header', good.subarray(0, 205), 'register-length'],
  ['cut by one byte', good.subarray(0, -1), 'register-length'],
  ['with a trailing byte', Uint8Array.from([...good, 0]), 'register-length'],
  ['longer than any register', new Uint8Array(142 + 32_768 + 64 + 1), 'register-length'],
  ['announcing 4 GiB', raw({ length: 'ffffffff' }), 'register-length'],
  ['version 0', raw({ version: '00' }), 'register-version'],
  ['version 2', raw({ version: '02' }), 'register-version'],
  ['kind 0', raw({ kind: '00' }), 'register-kind'],
  ['kind 9', raw({ kind: '09' }), 'register-kind'],
  ['a receipt', raw({ kind: '07' }), 'register-kind-unsupported'],
  ['a presence', raw({ kind: '08' }), 'register-kind-unsupported'],
  ['number 0', raw({ number: '0000000000000000' }), 'register-number'],
  ['number 2^53', raw({ number: '0020000000000000' }), 'register-number'],
  ['signed by the node key, named as signer', raw({ signer: node.publicKey, key: node }), 'register-signer'],
  ['signed by the node key, the root key named', raw({ key: node }), 'register-signature'],
  ['signed by another institution', raw({ key: otherRoot }), 'register-signature'],
  ['signature of zeros', concatBytes(good.subarray(0, -64), new Uint8Array(64)), 'register-signature'],
  [
    'signed without the domain string',
    concatBytes(good.subarray(0, -64), root.sign(good.subarray(0, -64))),
    'register-signature'
  ],
  ['number changed after signing', patch(good, 130, '00000000000000ff'), 'register-signature'],
  ['author of small order', raw({ author: fromHex(`01${'00'.repeat(31)}`) }), 'key-bad-order'],
  ['a card in a circle', raw({ ...onCard({}), circle }), 'register-circle'],
  ['an acceptance of no circle', raw({ circle: NONE }), 'register-circle'],
  ['a charter under another circle id', raw({ ...onCharter({}), circle: '5a'.repeat(32) }), 'register-circle'],
  [
    'a charter by nobody it names',
    raw({ kind: '02', circle: theirCircle, bytes: theirs.subarray(142) }),
    'charter-author'
  ],
  ['an acceptance with a subject', raw({ subject: OTHER }), 'register-subject'],
  ['a vouch for nobody', raw({ kind: '04', value: vouch }), 'register-subject'],
  ['a vouch for oneself', raw({ kind: '04', value: vouch, subject: toHex(root.publicKey) }), 'register-subject'],
  [
    'a vouch for a key of small order',
    raw({ kind: '04', value: vouch, subject: `01${'00'.repeat(31)}` }),
    'key-bad-order'
  ],
  ['an unknown field', raw({ value: { name: 'esr-fr', more: 1 } }), 'register-value'],
  ['a missing field', raw({ value: {} }), 'register-value'],
  ['a field of another type', raw({ value: { name: 1 } }), 'register-value'],
  ['a value that is no map', raw({ value: ['esr-fr'] }), 'register-value'],
  [
    'a vouch by carrier pigeon',
    raw({ kind: '04', subject: OTHER, value: { ...vouch, how: 'pigeon' } }),
    'register-value'
  ],
  [
    'a reason with an escape sequence',
    raw({ kind: '05', subject: OTHER, value: { reason: '\u001b[2J' } }),
    'register-value'
  ],
  ['no value', raw({ bytes: new Uint8Array(0) }), 'cbor-truncated'],
  [
    'a value with a trailing byte',
    raw({ bytes: concatBytes(encode({ name: 'esr-fr' }), new Uint8Array(1)) }),
    'cbor-trailing-bytes'
  ],
  ['a key twice', raw({ bytes: fromHex('a2646e616d656161646e616d656162') }), 'cbor-duplicate-key'],
  ['a map of indefinite length', raw({ bytes: fromHex('bf646e616d656161ff') }), 'cbor-indefinite'],
  ['a length not in its shortest form', raw({ bytes: fromHex('a1646e616d65780161') }), 'cbor-not-minimal'],
  ['a tag', raw({ bytes: fromHex('a1646e616d65c06161') }), 'cbor-tag'],
  ['nesting of 100', raw({ bytes: Uint8Array.from([...new Array<number>(100).fill(0x81), 0]) }), 'cbor-too-deep'],
  [
    '2,100 items',
    raw({ bytes: Uint8Array.from([0x99, 0x08, 0x34, ...new Array<number>(2100).fill(0)]) }),
    'cbor-too-many-items'
  ],
  ['a card in capitals', raw(onCard({ domains: ['Univ-Reims.fr'] })), 'register-value'],
  ['a card without node keys', raw(onCard({ nodeKeys: [] })), 'register-value'],
  ['a card whose next key is off the curve', raw(onCard({ next: `02${'00'.repeat(31)}` })), 'register-value'],
  ['a card that certifies a key twice', raw(onCard({ nodeKeys: [first, first] })), 'card-keys'],
  ['a card whose next key is the current one', raw(onCard({ next: first.key })), 'card-keys'],
  ['a card whose node key is the root key', raw(onCard({ nodeKeys: [ownKey] })), 'card-keys'],
  [
    'a card with the proof of another key',
    raw(onCard({ nodeKeys: [{ ...first, proof: proveNodeKey(nextNode, root.publicKey) }] })),
    'card-proof'
  ],
  [
    'a card with a proof for another institution',
    raw(onCard({ nodeKeys: [{ ...first, proof: proveNodeKey(node, otherRoot.publicKey) }] })),
    'card-proof'
  ],
  ['a charter with more vouches than founders', raw(onCharter({ threshold: 3 })), 'register-value'],
  ['a charter with one founder twice', raw(onCharter({ founders: [author, author] })), 'register-value'],
  [
    'a charter with its default outside its bounds',
    raw(onCharter({ retention: { minMs: 3, maxMs: 5, defaultMs: 2 } })),
    'register-value'
  ]
]

/** Every case, in a fixed order. */
export function buildRegister(): VectorFile {
  return {
    description:
      'Registers: header 142 ‖ value ‖ signature 64 over "tocsin/register/1\\0" ‖ header ‖ value. Refused ones are signed correctly unless the signature is the fault.',
    cases: [
      ...valid.map(([name, fields]) => {
        const { bytes, address, hash, register } = openRegister(signRegister(prepareRegister(fields), root).bytes)
        return holds('register', name, { hex: toHex(bytes) }, { address, hash, register })
      }),
      ...refusals('register', refused)
    ]
  }
}
