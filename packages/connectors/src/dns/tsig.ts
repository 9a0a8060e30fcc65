/** Transaction signatures (RFC 8945), hmac-sha256 alone: who asks holds the key, and gets what we sent. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { CLASS, HEADER, nameLength, TYPE, u16, u48, wireName } from './wire.ts'

/** A key that the two ends share: its name without final dot, in lower case, and the secret's octets. */
export interface TsigKey {
  readonly name: string
  readonly secret: Uint8Array
}

/** What a TSIG record says (RFC 8945 §4.2). */
export interface Tsig {
  /** Of the key, dotted, in lower case. */
  readonly keyName: string
  /** Uncompressed, as it came. */
  readonly algorithm: Buffer
  /** Seconds since the epoch. */
  readonly signedAt: number
  /** Seconds that clocks may differ. */
  readonly fudge: number
  readonly mac: Buffer
  readonly originalId: number
  readonly error: number
  readonly other: Buffer
}

/** RFC 8945 §3. */
export const TSIG_ERROR = { BADSIG: 16, BADKEY: 17, BADTIME: 18, BADTRUNC: 22 } as const

export type TsigErrorName = keyof typeof TSIG_ERROR

/** Seconds; RFC 8945 §10 recommends it. */
const FUDGE = 300
const MAC_LENGTH = 32
const ALGORITHM = wireName('hmac-sha256')

/** The data of a TSIG record; undefined if it is none. */
export function readTsig(keyName: string, data: Buffer): Tsig | undefined {
  const named = nameLength(data, 0)
  // Behind the algorithm: time 6, fudge 2, MAC's length 2; behind the MAC: id 2, error 2, other's length 2.
  if (named === undefined || data.length < named + 16) return undefined
  const macStart = named + 10
  const macEnd = macStart + data.readUInt16BE(named + 8)
  if (data.length < macEnd + 6 || data.length !== macEnd + 6 + data.readUInt16BE(macEnd + 4)) return undefined
  return {
    keyName: keyName.toLowerCase().replace(/\.$/, ''),
    algorithm: data.subarray(0, named),
    signedAt: data.readUIntBE(named, 6),
    fudge: data.readUInt16BE(named + 6),
    mac: data.subarray(macStart, macEnd),
    originalId: data.readUInt16BE(macEnd),
    error: data.readUInt16BE(macEnd + 2),
    other: data.subarray(macEnd + 6)
  }
}

/** A verified request's key, or which error the answer names; `key` where the answer to it can be signed. */
export type TsigVerdict =
  | { readonly ok: true; readonly key: TsigKey }
  | { readonly ok: false; readonly error: TsigErrorName; readonly key?: TsigKey }

/**
 * Checks a message (without its TSIG record, ARCOUNT lowered) in the order of RFC 8945 §5.2: key, MAC, time. `now` in
 * ms; `before` is the MAC of the request where the message answers one of ours.
 */
export function verifyTsig(
  message: Buffer,
  tsig: Tsig,
  keys: readonly TsigKey[],
  now: number,
  before?: Buffer
): TsigVerdict {
  const key = keys.find(({ name }) => name === tsig.keyName)
  if (key === undefined || !isOurAlgorithm(tsig.algorithm)) return { ok: false, error: 'BADKEY' }
  // RFC 8945 §5.2.2.1: shorter MACs may be refused by policy; ours is never to take one.
  if (tsig.mac.length !== MAC_LENGTH) return { ok: false, error: tsig.mac.length < MAC_LENGTH ? 'BADTRUNC' : 'BADSIG' }
  const signed = Buffer.concat([u16(tsig.originalId), message.subarray(2)])
  if (!timingSafeEqual(macOf(key, before, signed, variables(key.name, tsig)), tsig.mac))
    return { ok: false, error: 'BADSIG' }
  if (Math.abs(Math.floor(now / 1000) - tsig.signedAt) > tsig.fudge) return { ok: false, error: 'BADTIME', key }
  return { ok: true, key }
}

/** A message with its TSIG record behind it, and the MAC that the answer's is chained to. */
export interface Signed {
  readonly message: Buffer
  readonly mac: Buffer
}

/** Signs a request, or the first message of an answer to a request with the MAC `before` (RFC 8945 §5.3). */
export function signTsig(message: Buffer, key: TsigKey, now: number, before?: Buffer): Signed {
  const about = { signedAt: Math.floor(now / 1000), fudge: FUDGE, error: 0, other: Buffer.alloc(0) }
  const mac = macOf(key, before, message, variables(key.name, about))
  return { message: withRecord(message, key.name, ALGORITHM, { ...about, mac }), mac }
}

/**
 * Signs the messages of one answer in turn: the first over the request's MAC, each later one over the MAC before it
 * and the timers alone (RFC 8945 §5.3.1). Every message is signed: none can be left out or moved.
 */
export function createTsigSigner(key: TsigKey, requestMac: Buffer, now: () => number): (message: Buffer) => Buffer {
  let before: Buffer | undefined
  return (message) => {
    const about = { signedAt: Math.floor(now() / 1000), fudge: FUDGE, error: 0, other: Buffer.alloc(0) }
    const mac =
      before === undefined
        ? macOf(key, requestMac, message, variables(key.name, about))
        : macOf(key, before, message, timers(about))
    before = mac
    return withRecord(message, key.name, ALGORITHM, { ...about, mac })
  }
}

/**
 * The answer to a request that did not verify (RFC 8945 §5.2): unsigned, since there is no key to trust; after BADTIME
 * signed, with our time for the other end to see by how much its clock is off (§5.2.3).
 */
export function tsigRefusal(message: Buffer, tsig: Tsig, verdict: TsigVerdict & { ok: false }, now: number): Buffer {
  const { keyName, signedAt, fudge } = tsig
  const error = TSIG_ERROR[verdict.error]
  if (verdict.key === undefined) {
    const about = { signedAt, fudge, error, other: Buffer.alloc(0), mac: Buffer.alloc(0) }
    return withRecord(message, keyName, tsig.algorithm, about)
  }
  const about = { signedAt, fudge, error, other: u48(Math.floor(now / 1000)) }
  const mac = macOf(verdict.key, tsig.mac, message, variables(verdict.key.name, about))
  return withRecord(message, keyName, ALGORITHM, { ...about, mac })
}

type Timers = Pick<Tsig, 'signedAt' | 'fudge'>
type Variables = Timers & Pick<Tsig, 'error' | 'other'>

function isOurAlgorithm(algorithm: Buffer): boolean {
  // Length octets are below 64 and no letters: lowering the case of the text leaves them alone.
  return algorithm.toString('latin1').toLowerCase() === ALGORITHM.toString('latin1')
}

/** RFC 8945 §4.3: what is digested, in order; a MAC that is chained stands behind its length. */
function macOf(key: TsigKey, before: Buffer | undefined, message: Buffer, rest: Buffer): Buffer {
  const hmac = createHmac('sha256', key.secret)
  if (before !== undefined) hmac.update(u16(before.length)).update(before)
  return hmac.update(message).update(rest).digest()
}

function timers({ signedAt, fudge }: Timers): Buffer {
  return Buffer.concat([u48(signedAt), u16(fudge)])
}

/** RFC 8945 §4.3.3: name, class and TTL of the record, then its data without MAC and original id. */
function variables(keyName: string, { signedAt, fudge, error, other }: Variables): Buffer {
  const head = [wireName(keyName), u16(CLASS.ANY), Buffer.alloc(4), ALGORITHM]
  return Buffer.concat([...head, u48(signedAt), u16(fudge), u16(error), u16(other.length), other])
}

function withRecord(message: Buffer, keyName: string, algorithm: Buffer, about: Variables & { mac: Buffer }): Buffer {
  const { signedAt, fudge, mac, error, other } = about
  const data = Buffer.concat([
    algorithm,
    u48(signedAt),
    u16(fudge),
    u16(mac.length),
    mac,
    message.subarray(0, 2),
    u16(error),
    u16(other.length),
    other
  ])
  const head = [wireName(keyName), u16(TYPE.TSIG), u16(CLASS.ANY), Buffer.alloc(4), u16(data.length)]
  const whole = Buffer.concat([message, ...head, data])
  whole.writeUInt16BE(message.readUInt16BE(HEADER - 2) + 1, HEADER - 2)
  return whole
}
