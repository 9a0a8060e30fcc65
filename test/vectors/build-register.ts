import {
  circleIdOf,
  concatBytes,
  decodeDescriptor,
  encode,
  encodeDescriptor,
  fromHex,
  institutionId,
  institutionKey,
  nodeKey,
  openRegister,
  prepareRegister,
  proveNodeKey,
  type RegisterFields,
  type SigningKey,
  sha256,
  signingKey,
  signRegister,
  toHex,
  utf8
} from '@tocsin/journal'
import { DEFAULT_QUOTAS, type InstitutionId } from '@tocsin/model'
import { compact, fails, holds, type VectorFile } from './case.ts'
import {
  author,
  card,
  charter,
  circle,
  descriptor,
  NOW,
  nextNode,
  node,
  other,
  otherRoot,
  patch,
  root
} from './records.ts'

const vouch = {
  name: 'Université de Lorraine',
  domains: ['univ-lorraine.fr'],
  how: 'phone',
  checkedAt: NOW,
  expires: 21_000
} as const
const acceptance: RegisterFields = { kind: 'acceptance', author, circle, number: NOW, value: { name: 'esr-fr' } }

const closedBytes = encodeDescriptor(descriptor)
const closed = decodeDescriptor(closedBytes).id
const closing = { stream: toHex(closedBytes), last: 7, head: '5b'.repeat(32) }

const charterWithQuotas: RegisterFields = {
  kind: 'charter',
  author,
  number: NOW,
  value: { ...charter, quotas: { entriesADay: 4096, bytesADay: 67_108_864 } }
}

const charterWithEveryQuota: RegisterFields = {
  kind: 'charter',
  author,
  number: NOW,
  value: { ...charter, quotas: { ...DEFAULT_QUOTAS } }
}

const valid: readonly (readonly [string, RegisterFields])[] = [
  ['card', { kind: 'card', author, number: NOW, value: card }],
  ['charter', { kind: 'charter', author, circle, number: NOW, value: charter }],
  ['charter with quotas', charterWithQuotas],
  ['charter with every quota', charterWithEveryQuota],
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
  ['the greatest number', { kind: 'resignation', author, circle, number: 2 ** 53 - 1, value: { reason: 'fin' } }],
  ['closing', { kind: 'closing', author, stream: closed, number: 1, value: closing }],
  [
    'closing of a stream with nothing genuine in it',
    { kind: 'closing', author, stream: closed, number: 1, value: { stream: closing.stream, last: 0 } }
  ]
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
const SMALL_ORDER = institutionId(fromHex(`01${'00'.repeat(31)}`))
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
const onClosing = (change: object, more: Raw = {}): Raw => ({
  kind: '09',
  circle: closed,
  number: '0000000000000001',
  value: { ...closing, ...change },
  ...more
})
const theirStream = encodeDescriptor({ ...descriptor, author: other })
const first = card.nodeKeys[0] ?? { key: '', from: 0, proof: '' }
const ownKey = { key: nodeKey(root.publicKey), from: 0, proof: proveNodeKey(root, root.publicKey) }
const theirs = prepareRegister({
  kind: 'charter',
  author: other,
  number: 1,
  value: { ...charter, founders: [other], threshold: 1 }
})
const theirCircle = toHex(theirs.subarray(66, 98))

const byNode = { signer: node.publicKey, key: node }
const receipt = { key: fromHex('0c'.repeat(32)), held: [[fromHex('aa'.repeat(16)), 3, NOW, fromHex('bb'.repeat(16))]] }
const presence = { digest: 'cd'.repeat(32), revocations: [{ author, subject: other, number: NOW }] }
const onReceipt = (change: object): Raw => ({ kind: '07', ...byNode, value: { ...receipt, ...change } })
const onPresence = (change: object): Raw => ({ kind: '08', ...byNode, value: { ...presence, ...change } })

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
  ['kind 10', raw({ kind: '0a' }), 'register-kind'],
  ['a receipt signed by the root key', raw({ ...onReceipt({}), signer: root.publicKey, key: root }), 'register-signer'],
  [
    'a presence signed by the root key',
    raw({ ...onPresence({}), signer: root.publicKey, key: root }),
    'register-signer'
  ],
  ['a receipt that another node key signed', raw({ ...onReceipt({}), key: nextNode }), 'register-signature'],
  [
    'a presence by a key of small order',
    raw({ ...onPresence({}), signer: fromHex(`01${'00'.repeat(31)}`) }),
    'key-bad-order'
  ],
  ['a receipt of no circle', raw({ ...onReceipt({}), circle: NONE }), 'register-circle'],
  ['a presence about somebody', raw({ ...onPresence({}), subject: OTHER }), 'register-subject'],
  [
    'a receipt that lies on an author of small order',
    raw({ ...onReceipt({}), author: fromHex(`01${'00'.repeat(31)}`) }),
    'key-bad-order'
  ],
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
  ['nesting of five', raw({ value: [[[[[0]]]]] }), 'cbor-too-deep'],
  ['2,049 items', raw({ value: Array.from({ length: 2048 }, () => 0) }), 'cbor-too-many-items'],
  ['a value of 32 KiB + 1', raw({ bytes: concatBytes(fromHex('597ffe'), new Uint8Array(32_766)) }), 'register-length'],
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
  ['a closing with number 2', raw(onClosing({}, { number: '0000000000000002' })), 'register-number'],
  ['a closing of no stream', raw(onClosing({}, { circle: NONE })), 'register-circle'],
  ['a closing with a subject', raw(onClosing({}, { subject: OTHER })), 'register-subject'],
  ['a closing that carries another stream', raw(onClosing({}, { circle: circle })), 'closing-stream'],
  [
    'a closing of the stream of another',
    raw(onClosing({ stream: toHex(theirStream) }, { circle: decodeDescriptor(theirStream).id })),
    'closing-author'
  ],
  ['a closing signed by the node key', raw(onClosing({}, { key: node })), 'register-signature'],
  ['a closing with half a descriptor', raw(onClosing({ stream: closing.stream.slice(0, 190) })), 'register-value'],
  [
    'a closing of a descriptor of version 2',
    raw(onClosing({ stream: `02${closing.stream.slice(2)}` })),
    'descriptor-version'
  ],
  ['a closing that names an entry and no seq', raw(onClosing({ last: 0 })), 'register-value'],
  ['a closing that names a seq and no entry', raw(onClosing({ head: undefined })), 'register-value'],
  [
    'a charter with its default outside its bounds',
    raw(onCharter({ retention: { minMs: 3, maxMs: 5, defaultMs: 2 } })),
    'register-value'
  ]
]

const onVouch = (change: object): Raw => ({ kind: '04', subject: OTHER, value: { ...vouch, ...change } })
const onRevocation = (value: object): Raw => ({ kind: '05', subject: OTHER, value })
const keys = Array.from({ length: 65 }, (_, index): SigningKey => signingKey(sha256(utf8(`node key ${index}`))))
const certified = (count: number) =>
  keys
    .slice(0, count)
    .map((key) => ({ key: nodeKey(key.publicKey), from: 0, proof: proveNodeKey(key, root.publicKey) }))
const founders = (count: number): InstitutionId[] =>
  [author, ...keys.map((key) => institutionId(key.publicKey))].slice(0, count)
const onOwnCharter = (change: object): Raw => {
  const value = { ...charter, ...change }
  return { kind: '02', circle: circleIdOf(value), value }
}
const least = { name: 'x', domains: [], contact: '', addresses: [] }

const heldStreams = (count: number) =>
  Array.from({ length: count }, (_, index) => [
    sha256(utf8(`stream ${index}`)).subarray(0, 16),
    1,
    0,
    new Uint8Array(16)
  ])
const namedRevocations = (count: number) =>
  founders(count + 1)
    .slice(1)
    .map((subject) => ({ author, subject, number: 1 }))

/** Values at the bounds of their schemas. */
const atBounds: readonly (readonly [string, Raw])[] = [
  ['a card of the least', onCard({ ...least, nodeKeys: [{ ...first, from: 0, until: 1 }] })],
  [
    'a card of the longest texts',
    onCard({
      name: 'x'.repeat(100),
      contact: 'y'.repeat(200),
      domains: ['a.b', `${'a.'.repeat(126)}b`],
      addresses: Array.from({ length: 16 }, () => `/${'~'.repeat(254)}`)
    })
  ],
  ['a card with 64 domains', onCard({ domains: Array.from({ length: 64 }, (_, index) => `a${index}.example`) })],
  ['a card with 64 node keys', onCard({ ...least, nodeKeys: certified(64) })],
  ['a charter with 64 founders, of whom all are needed', onOwnCharter({ founders: founders(64), threshold: 64 })],
  [
    'a charter of one moment',
    onOwnCharter({ name: 'x'.repeat(64), retention: { minMs: 0, maxMs: 0, defaultMs: 0 }, erasureDelayMs: 0 })
  ],
  ['a charter with the least quotas', onOwnCharter({ name: 'x', quotas: { entriesADay: 1, bytesADay: 1 } })],
  [
    'a charter with the least of every quota',
    onOwnCharter({
      name: 'x',
      quotas: {
        entriesADay: 1,
        bytesADay: 1,
        streamsADay: 1,
        statementsADay: 1,
        retractionsADay: 1,
        openVouches: 1,
        pendingBytes: 1_048_576,
        newcomerDays: 0,
        newcomerPercent: 1
      }
    })
  ],
  [
    'a charter with the most of every bounded quota',
    onOwnCharter({
      name: 'x',
      quotas: { openVouches: 32, pendingBytes: 67_108_864, newcomerDays: 3650, newcomerPercent: 100 }
    })
  ],
  ['a charter with one quota', onOwnCharter({ name: 'x', quotas: { entriesADay: 1 } })],
  ['a charter with no quota named', onOwnCharter({ name: 'x', quotas: {} })],
  ['an acceptance of one letter', { value: { name: 'x' } }],
  [
    'a vouch of the least',
    { kind: '04', subject: OTHER, value: { ...vouch, name: 'x', domains: [], checkedAt: 0, expires: 0 } }
  ],
  [
    'a vouch of the most',
    { kind: '04', subject: OTHER, value: { ...vouch, name: 'x'.repeat(100), how: 'in-person', expires: 1_000_000 } }
  ],
  ['a revocation of one letter', { kind: '05', subject: OTHER, value: { reason: 'x', lifted: false } }],
  ['a revocation of 1,000 letters', { kind: '05', subject: OTHER, value: { reason: 'x'.repeat(1000) } }],
  ['a resignation without a word', { kind: '06', value: { reason: '' } }],
  ['a resignation of 1,000 letters', { kind: '06', value: { reason: 'x'.repeat(1000) } }],
  ['a name of blanks', { value: { name: '  ' } }],
  ['a receipt for one stream', onReceipt({})],
  ['a receipt for none', onReceipt({ held: [] })],
  ['a receipt for 64 streams', onReceipt({ held: heldStreams(64) })],
  ['a presence that names one revocation', onPresence({})],
  ['a presence that names none', onPresence({ revocations: [] })],
  ['a presence that names 32 revocations', onPresence({ revocations: namedRevocations(32) })]
]
const sixtyFive = Array.from({ length: 65 }, (_, index) => `a${index}.example`)

/** Values that break the schema of their kind, signed correctly. */
const badValues: readonly (readonly [string, Raw])[] = [
  ['a card without a name', onCard({ name: '' })],
  ['a card with a name of 101 letters', onCard({ name: 'x'.repeat(101) })],
  ['a card with a name of 51 bells', onCard({ name: '🔔'.repeat(51) })],
  ['a card with a line break in its name', onCard({ name: 'a\nb' })],
  ['a card with a direction override in its contact', onCard({ contact: 'a\u202eb' })],
  ['a card with a contact of 201 letters', onCard({ contact: 'x'.repeat(201) })],
  ['a card with a domain twice', onCard({ domains: ['a.example', 'a.example'] })],
  ['a card with a single label', onCard({ domains: ['localhost'] })],
  ['a card with a label that ends in a hyphen', onCard({ domains: ['a-.example'] })],
  ['a card with an underscore in a domain', onCard({ domains: ['_dmarc.a.example'] })],
  ['a card with a dot at the end of a domain', onCard({ domains: ['a.example.'] })],
  ['a card with a label of 64 letters', onCard({ domains: [`${'a'.repeat(64)}.example`] })],
  ['a card with a domain of 254 letters', onCard({ domains: [`${'a.'.repeat(123)}examples`] })],
  ['a card with 65 domains', onCard({ domains: sixtyFive })],
  ['a card with an address that is no multiaddr', onCard({ addresses: ['dns4/a.example'] })],
  ['a card with a blank in an address', onCard({ addresses: ['/dns4/a b'] })],
  ['a card with an address of 256 letters', onCard({ addresses: [`/${'a'.repeat(255)}`] })],
  ['a card with 17 addresses', onCard({ addresses: Array.from({ length: 17 }, () => '/a') })],
  ['a card with a key that ends before it begins', onCard({ nodeKeys: [{ ...first, until: first.from }] })],
  ['a card with a key from before 1970', onCard({ nodeKeys: [{ ...first, from: -1 }] })],
  ['a card with a key in capitals', onCard({ nodeKeys: [{ ...first, key: first.key.toUpperCase() }] })],
  ['a card with a proof of 63 bytes', onCard({ nodeKeys: [{ ...first, proof: first.proof.slice(2) }] })],
  ['a card with a key of small order', onCard({ next: `01${'00'.repeat(31)}` })],
  ['a card with an until that is null', onCard({ nodeKeys: [{ ...first, until: null }] })],
  ['a charter with a nonce of 15 bytes', onCharter({ nonce: '00'.repeat(15) })],
  ['a charter with a name of 65 letters', onCharter({ name: 'x'.repeat(65) })],
  ['a charter without founders', onCharter({ founders: [] })],
  ['a charter with a threshold of 0', onCharter({ threshold: 0 })],
  ['a charter with a founder of small order', onCharter({ founders: [author, SMALL_ORDER] })],
  ['a charter with an unknown TLP', onCharter({ defaults: { tlp: 'WHITE', pap: 'GREEN' } })],
  ['a charter with an unknown PAP', onCharter({ defaults: { tlp: 'AMBER', pap: 'AMBER+STRICT' } })],
  ['a charter with its bounds exchanged', onCharter({ retention: { minMs: 5, maxMs: 3, defaultMs: 4 } })],
  ['a charter with a negative erasure delay', onCharter({ erasureDelayMs: -1 })],
  ...(
    [
      ['entriesADay', 0],
      ['bytesADay', 0],
      ['streamsADay', 0],
      ['statementsADay', 0],
      ['retractionsADay', 0],
      ['openVouches', 0],
      ['openVouches', 33],
      ['pendingBytes', 1_048_575],
      ['pendingBytes', 67_108_865],
      ['newcomerDays', -1],
      ['newcomerDays', 3651],
      ['newcomerPercent', 0],
      ['newcomerPercent', 101],
      ['wordsADay', 1]
    ] as const
  ).map(([name, count]) => [`a charter with ${name} ${count}`, onCharter({ quotas: { [name]: count } })] as const),
  ['a charter with a quota of nothing', onCharter({ quotas: { entriesADay: 0, bytesADay: 1 } })],
  ['an acceptance of 65 letters', { value: { name: 'x'.repeat(65) } }],
  ['a vouch checked before 1970', onVouch({ checkedAt: -1 })],
  ['a vouch that expires on day 1,000,001', onVouch({ expires: 1_000_001 })],
  ['a vouch without domains', onVouch({ domains: undefined })],
  ['a vouch with a domain twice', onVouch({ domains: ['a.example', 'a.example'] })],
  ['a revocation without a reason', onRevocation({})],
  ['a revocation with an empty reason', onRevocation({ reason: '' })],
  ['a revocation of 1,001 letters', onRevocation({ reason: 'x'.repeat(1001) })],
  ['a revocation lifted by a number', onRevocation({ reason: 'a', lifted: 1 })],
  ['a resignation of 1,001 letters', { kind: '06', value: { reason: 'x'.repeat(1001) } }],
  ['a vouch with a name of 101 letters', onVouch({ name: 'x'.repeat(101) })],
  ['a vouch with 65 domains', onVouch({ domains: sixtyFive })],
  ['a card with 65 node keys', onCard({ ...least, nodeKeys: certified(65) })],
  ['a charter with 65 founders', onOwnCharter({ founders: founders(65) })],
  ['a charter with its default above its bounds', onCharter({ retention: { minMs: 1, maxMs: 2, defaultMs: 3 } })],
  ['a value nested four deep', { value: [[[[0]]]] }],
  ['a value of 2,048 items', { value: Array.from({ length: 2047 }, () => 0) }],
  ['a value of 32 KiB', { bytes: concatBytes(fromHex('597ffd'), new Uint8Array(32_765)) }],
  ['a resignation of an empty byte string', { kind: '06', value: new Uint8Array(0) }],
  ['a resignation with a line break', { kind: '06', value: { reason: 'a\u2028b' } }],
  ['a receipt with a key of 31 bytes', onReceipt({ key: new Uint8Array(31) })],
  ['a receipt with its key in hex', onReceipt({ key: '0c'.repeat(32) })],
  ['a receipt for 65 streams', onReceipt({ held: heldStreams(65) })],
  ['a receipt for one stream twice', onReceipt({ held: [...heldStreams(1), ...heldStreams(1)] })],
  ['a receipt that holds up to nothing', onReceipt({ held: [[new Uint8Array(16), 0, 0, new Uint8Array(16)]] })],
  ['a receipt that names a whole stream id', onReceipt({ held: [[new Uint8Array(32), 1, 0, new Uint8Array(16)]] })],
  ['a receipt without a via', onReceipt({ held: [[new Uint8Array(16), 1, 0]] })],
  ['a receipt with a word more', onReceipt({ note: 'x' })],
  ['a presence with half a digest', onPresence({ digest: 'cd'.repeat(16) })],
  ['a presence that names 33 revocations', onPresence({ revocations: namedRevocations(33) })],
  ['a presence that names one twice', onPresence({ revocations: [...namedRevocations(1), ...namedRevocations(1)] })],
  ['a presence that names a revocation without its number', onPresence({ revocations: [{ author, subject: other }] })]
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
      ...atBounds.map(([name, it]) => {
        const { bytes, address, hash, register } = openRegister(raw(it))
        return holds('register', name, { hex: toHex(bytes) }, { address, hash, register })
      }),
      ...refused.map(([name, bytes, code]) => fails('register', name, { hex: compact(toHex(bytes)) }, code)),
      ...badValues.map(([name, it]) => fails('register', name, { hex: compact(toHex(raw(it))) }, 'register-value'))
    ]
  }
}
