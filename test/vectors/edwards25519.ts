/**
 * edwards25519 from the text of RFC 8032 §5.1, for building vectors only: slow, not constant-time, and deliberately not
 * the library that the journal checks keys with.
 */
import { createHash } from 'node:crypto'

const P = 2n ** 255n - 19n
/** Order of the base point. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n

/** Extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z. */
export interface Point {
  readonly X: bigint
  readonly Y: bigint
  readonly Z: bigint
  readonly T: bigint
}

const mod = (a: bigint): bigint => ((a % P) + P) % P

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = mod(base)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}

const inverse = (a: bigint): bigint => power(a, P - 2n)
const D = mod(-121665n * inverse(121666n))
const SQRT_M1 = power(2n, (P - 1n) / 4n)

const affine = (x: bigint, y: bigint): Point => ({ X: x, Y: y, Z: 1n, T: mod(x * y) })

export const IDENTITY: Point = affine(0n, 1n)

/** RFC 8032 §5.1.4. */
export function add(p: Point, q: Point): Point {
  const a = mod((p.Y - p.X) * (q.Y - q.X))
  const b = mod((p.Y + p.X) * (q.Y + q.X))
  const c = mod(p.T * 2n * D * q.T)
  const d = mod(p.Z * 2n * q.Z)
  const [e, f, g, h] = [b - a, d - c, d + c, b + a]
  return { X: mod(e * f), Y: mod(g * h), Z: mod(f * g), T: mod(e * h) }
}

export function multiply(point: Point, scalar: bigint): Point {
  let result = IDENTITY
  let double = point
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, double)
    double = add(double, double)
  }
  return result
}

/** RFC 8032 §5.1.2. */
export function encodePoint(point: Point): Uint8Array {
  const z = inverse(point.Z)
  const x = mod(point.X * z)
  const bytes = littleEndian(mod(point.Y * z))
  bytes[31] = (bytes[31] ?? 0) | Number((x & 1n) << 7n)
  return bytes
}

/** The point with this y (reduced first) and this sign of x, as a lax decoder reads it; undefined if there is none. */
export function recover(y: bigint, odd: boolean): Point | undefined {
  const u = mod(y * y - 1n)
  const v = mod(D * y * y + 1n)
  let x = mod(u * v ** 3n * power(u * v ** 7n, (P - 5n) / 8n))
  if (mod(v * x * x) !== u) x = mod(x * SQRT_M1)
  if (mod(v * x * x) !== u) return undefined
  if (((x & 1n) === 1n) !== odd) x = mod(-x)
  return affine(x, mod(y))
}

const base = recover(4n * inverse(5n), false)
if (base === undefined) throw new Error('the base point of RFC 8032 §5.1 is on the curve')
export const BASE: Point = base

/** 32 bytes, little-endian. */
export function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn))
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** SHA-512 of the parts as an integer modulo L. */
export function hashToScalar(...parts: readonly Uint8Array[]): bigint {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return fromLittleEndian(hash.digest()) % L
}

/** The eight points whose order divides the cofactor, T^0 … T^7 of one generator. */
export function torsionPoints(): readonly Point[] {
  for (let y = 2n; ; y++) {
    const point = recover(y, false)
    if (point === undefined) continue
    const generator = multiply(point, L)
    // Of order 8 exactly: four times it is not the identity.
    if (toHexOf(multiply(generator, 4n)) === toHexOf(IDENTITY)) continue
    return Array.from({ length: 8 }, (_, index) => multiply(generator, BigInt(index)))
  }
}

const toHexOf = (point: Point): string => Buffer.from(encodePoint(point)).toString('hex')
