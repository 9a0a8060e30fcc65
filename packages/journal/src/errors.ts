import { TocsinError } from '@tocsin/model'

/** Every code that the journal throws, with one line of explanation (docs/errors.md is checked against this table). */
export const JOURNAL_ERRORS = {
  'hex-malformed': 'Not lower-case hexadecimal of the expected length.',
  'base58-malformed': 'Not base58btc, or longer than any value that Tocsin writes so.',
  'institution-id-malformed': 'Not the did:key of an Ed25519 key in its one canonical spelling.',

  'cbor-too-large': 'The CBOR text is larger than its place allows.',
  'cbor-too-deep': 'Arrays and maps are nested deeper than allowed.',
  'cbor-too-many-items': 'The CBOR text holds or announces more items than allowed.',
  'cbor-truncated': 'The bytes end before the item they announce does.',
  'cbor-trailing-bytes': 'Bytes follow the one item.',
  'cbor-indefinite': 'An item of indefinite length, or a stray break.',
  'cbor-not-minimal': 'An integer or a length is not written in its shortest form.',
  'cbor-reserved': 'A reserved additional-information value (28 to 30, or 31 where it has no meaning).',
  'cbor-tag': 'Tags are not part of the subset.',
  'cbor-float': 'Floating-point numbers are not part of the subset.',
  'cbor-simple': 'Of the simple values only true, false and null are part of the subset.',
  'cbor-int-range': 'An integer beyond ±(2^53 − 1).',
  'cbor-bad-utf8': 'A text that is not valid UTF-8, or that starts with a byte order mark.',
  'cbor-key-not-text': 'A map key that is not a text.',
  'cbor-key-forbidden': 'The map key __proto__ is refused.',
  'cbor-duplicate-key': 'The same key twice in one map.',
  'cbor-key-order': 'Map keys out of the order of RFC 8949 §4.2.1.',
  'cbor-unencodable': 'A value that the CBOR subset cannot hold.',

  'seed-length': 'An Ed25519 seed has 32 bytes.',
  'key-not-canonical': 'Not the canonical 32-byte encoding of a point of edwards25519 (RFC 8032 §5.1.3).',
  'key-bad-order': 'The key is the identity or lies outside the prime-order subgroup.',

  'descriptor-length': 'A stream descriptor has exactly 190 bytes.',
  'descriptor-version': 'A stream descriptor of an unknown version.',
  'descriptor-kind': 'An unknown stream kind.',
  'descriptor-tlp': 'An unknown TLP code.',
  'descriptor-flags': 'Unknown flag bits, or a field that its flag does not announce.',
  'descriptor-audience':
    'The audience contradicts the TLP: AMBER and AMBER+STRICT name a circle, RED a recipient, GREEN and CLEAR neither.',
  'descriptor-predecessor': 'A predecessor without stream, sequence number or head.',
  'descriptor-field': 'A field to be sealed does not fit its place.',

  'entry-length': 'A signed entry header has exactly 190 bytes.',
  'entry-version': 'An entry header of an unknown version.',
  'entry-kind': 'Entry kind 0 does not exist.',
  'entry-sequence': 'The sequence number is 0 or beyond 2^53 − 1.',
  'entry-previous': 'The first entry names a previous one, or a later entry names none.',
  'entry-time': 'A clock or keep-until beyond 2^53 − 1.',
  'entry-body-length': 'An empty body, or one larger than its kind allows.',
  'entry-field': 'A field to be sealed does not fit its place.',
  'body-shape': 'The body to be sealed breaks the schema of its kind.',

  'register-length': 'The register is shorter or longer than its header says, or its value exceeds 32 KiB.',
  'register-version': 'A register of an unknown version.',
  'register-kind': 'An unknown register kind.',
  'register-signer': "Receipts and presences are signed by a node key, all other registers by their author's root key.",
  'register-circle':
    'The circle (of a closing the stream) is missing, or named by a kind that has none, or not the hash of the charter.',
  'register-subject': 'The subject is missing, or named by a kind that has none, or is the author.',
  'register-number': 'The register number is 0 or beyond 2^53 − 1, or that of a closing is not 1.',
  'register-value': 'The value breaks the schema of its kind.',
  'register-signature': 'The signature does not verify.',
  'closing-stream': 'The closing carries the descriptor of another stream than it names.',
  'closing-author': 'A stream is closed by the root key of its own author alone.',
  'charter-author': 'A charter is signed by one of its founders.',
  'card-keys': 'A card certifies a key twice, or its own root key as node key.',
  'card-proof': 'A node key on the card did not sign the root key.',
  'card-text': 'Not exactly one card text block.'
} as const satisfies Record<string, string>

/** A stable code of this package. */
export type JournalErrorCode = keyof typeof JOURNAL_ERRORS

/** What parsers, codec and keys throw; nothing else leaves them, whatever the bytes. */
export class JournalError extends TocsinError {
  declare readonly code: JournalErrorCode

  constructor(code: JournalErrorCode, message: string = JOURNAL_ERRORS[code], facts: Record<string, unknown> = {}) {
    super(code, message, facts)
  }
}
