/** Signatures on which implementations of Ed25519 disagree, each built so that some library accepts it. */
import { concatBytes, toHex, utf8 } from '@tocsin/journal'
import { fails, holds, type VectorFile } from './case.ts'
import {
  add,
  BASE,
  encodePoint,
  hashToScalar,
  IDENTITY,
  L,
  littleEndian,
  multiply,
  type Point,
  recover,
  torsionPoints
} from './edwards25519.ts'

interface SignatureCase {
  readonly name: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
  /** `accepted`; the code with which the key is refused; or `refused` under an admitted key. */
  readonly expected: 'accepted' | 'key-not-canonical' | 'key-bad-order' | 'refused'
}

const P = 2n ** 255n - 19n

// Fixed scalars: these keys sign nothing else.
const a = hashToScalar(utf8('tocsin/vectors/secret'))
const r = hashToScalar(utf8('tocsin/vectors/nonce'))
const A = encodePoint(multiply(BASE, a))
const message = utf8('tocsin: ed25519-adversarial')

const caseOf = (
  name: string,
  publicKey: Uint8Array,
  text: Uint8Array,
  R: Uint8Array,
  S: bigint,
  expected: SignatureCase['expected']
): SignatureCase => ({
  name,
  publicKey: toHex(publicKey),
  message: toHex(text),
  signature: toHex(concatBytes(R, littleEndian(S))),
  expected
})

/** An ordinary signature of `a`, the discrete logarithm of the torsion-free part of the key. */
function sign(publicKey: Uint8Array, text: Uint8Array, secret: bigint, R: Uint8Array, nonce: bigint): bigint {
  return (nonce + hashToScalar(R, publicKey, text) * secret) % L
}

/** A message for which 8 divides k, so that torsion in A vanishes from kA; or for which k is odd, so that it stays. */
function messageWhere(publicKey: Uint8Array, R: Uint8Array, vanishes: boolean): Uint8Array {
  for (let round = 0; ; round++) {
    const text = utf8(`tocsin: ed25519-adversarial ${round}`)
    const k = hashToScalar(R, publicKey, text)
    if (vanishes ? k % 8n === 0n : k % 2n === 1n) return text
  }
}

function malleated(): SignatureCase[] {
  const R = encodePoint(multiply(BASE, r))
  const S = sign(A, message, a, R, r)
  return [
    caseOf('honest signature', A, message, R, S, 'accepted'),
    caseOf('S + L', A, message, R, S + L, 'refused'),
    caseOf('S + 2L', A, message, R, S + 2n * L, 'refused'),
    caseOf('S + 15L, the greatest that fits 256 bits', A, message, R, S + 15n * L, 'refused'),
    caseOf('S with its top bit set', A, message, R, S + 2n ** 255n, 'refused'),
    caseOf('S = L', A, message, R, L, 'refused'),
    caseOf('another message', A, utf8('tocsin: another'), R, S, 'refused')
  ]
}

/** With a key of small order, R = SB (and torsion of R's own) satisfies the cofactored equation for every message. */
function smallOrderKeys(torsion: readonly Point[]): SignatureCase[] {
  const R = encodePoint(multiply(BASE, r))
  return torsion.map((point, index) => {
    const name = index === 0 ? 'A = identity, R = SB: signs every message' : `A of small order, T^${index}`
    return caseOf(name, encodePoint(point), message, R, r, 'key-bad-order')
  })
}

/** Encodings with y ≥ p, and those of x = 0 with the sign bit set: lax decoders read them, RFC 8032 §5.1.3 does not. */
function nonCanonicalKeys(): SignatureCase[] {
  const R = encodePoint(multiply(BASE, r))
  const cases: SignatureCase[] = []
  for (let y = P; y < 2n ** 255n; y++) {
    for (const odd of [false, true]) {
      if (recover(y, odd) === undefined) continue
      const key = littleEndian(y | (odd ? 2n ** 255n : 0n))
      const name = `non-canonical A: y = p + ${y - P}, sign ${odd ? 1 : 0}`
      cases.push(caseOf(name, key, message, R, r, 'key-not-canonical'))
    }
  }
  for (const [name, y] of [['identity', 1n] as const, ['point of order 2', P - 1n] as const]) {
    const key = littleEndian(y | (2n ** 255n))
    cases.push(caseOf(`non-canonical A: the ${name} with the sign bit set`, key, message, R, r, 'key-not-canonical'))
  }
  return cases
}

/** A = aB + T. Where 8 divides k even the cofactorless equation holds: only admission of the key refuses it. */
function mixedOrderKeys(torsion: readonly Point[]): SignatureCase[] {
  const R = encodePoint(multiply(BASE, r))
  return torsion.slice(1).flatMap((point, index) => {
    const key = encodePoint(add(multiply(BASE, a), point))
    return [false, true].map((vanishes) => {
      const text = messageWhere(key, R, vanishes)
      const name = `mixed-order A = aB + T^${index + 1}, ${vanishes ? '8 | k' : 'k odd'}`
      return caseOf(name, key, text, R, sign(key, text, a, R, r), 'key-bad-order')
    })
  })
}

/** An honest key, R = rB + T: cofactored verification accepts, cofactorless does not. */
function mixedOrderR(torsion: readonly Point[]): SignatureCase[] {
  return torsion.slice(1).map((point, index) => {
    const R = encodePoint(add(multiply(BASE, r), point))
    return caseOf(`mixed-order R = rB + T^${index + 1}`, A, message, R, sign(A, message, a, R, r), 'refused')
  })
}

/** r = 0: whoever holds the key can sign with it, and so shows the key (S = ka) to everybody. */
function smallOrderR(torsion: readonly Point[]): SignatureCase[] {
  const proper = torsion.map((point, index) => {
    const R = encodePoint(point)
    const name = index === 0 ? 'R = identity, S = ka' : `R of small order, T^${index}`
    return caseOf(name, A, message, R, sign(A, message, a, R, 0n), 'refused')
  })
  const encodings: readonly (readonly [string, bigint])[] = [
    ['the sign bit set', 1n | (2n ** 255n)],
    ['y = p + 1', P + 1n],
    ['y = p + 1 and the sign bit set', (P + 1n) | (2n ** 255n)]
  ]
  const improper = encodings.map(([how, value]) => {
    const R = littleEndian(value)
    return caseOf(`R = identity with ${how}`, A, message, R, sign(A, message, a, R, 0n), 'refused')
  })
  return [...proper, ...improper]
}

function wrongLengths(): SignatureCase[] {
  const R = encodePoint(multiply(BASE, r))
  const good = caseOf('', A, message, R, sign(A, message, a, R, r), 'refused')
  return [
    { ...good, name: 'signature of 63 bytes', signature: good.signature.slice(0, -2) },
    { ...good, name: 'signature of 65 bytes', signature: `${good.signature}00` },
    { ...good, name: 'empty signature', signature: '' },
    { ...good, name: 'key of 31 bytes', publicKey: good.publicKey.slice(0, -2), expected: 'key-not-canonical' },
    { ...good, name: 'key of 33 bytes', publicKey: `${good.publicKey}00`, expected: 'key-not-canonical' },
    { ...good, name: 'key off the curve', publicKey: toHex(littleEndian(2n)), expected: 'key-not-canonical' }
  ]
}

function everyCase(): SignatureCase[] {
  const torsion = torsionPoints()
  if (toHex(encodePoint(torsion[0] ?? BASE)) !== toHex(encodePoint(IDENTITY))) throw new Error('T^0 is the identity')
  return [
    ...malleated(),
    ...smallOrderKeys(torsion),
    ...nonCanonicalKeys(),
    ...mixedOrderKeys(torsion),
    ...mixedOrderR(torsion),
    ...smallOrderR(torsion),
    ...wrongLengths()
  ]
}

/** Every case, in a fixed order. */
export function buildEd25519(): VectorFile {
  return {
    description:
      'Signatures on which Ed25519 implementations disagree, built with arithmetic of their own (edwards25519.ts). A bad key has the code that refuses it; a bad signature under an admitted key is refused.',
    cases: everyCase().map(({ name, expected, ...input }) =>
      expected === 'accepted' ? holds('ed25519', name, input, true) : fails('ed25519', name, input, expected)
    )
  }
}
