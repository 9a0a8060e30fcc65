/** NOTIFY (RFC 1996): a secondary is told that the zone moved, and says that it heard. */
import { isResponse, readSections } from './query.ts'
import { soaRecord, type ZoneFacts } from './records.ts'
import { type Signed, signTsig, type TsigKey, verifyTsig } from './tsig.ts'
import { CLASS, HEADER, OPCODE, RCODE, TYPE, u16, wireName } from './wire.ts'

/** One NOTIFY, with what its answer is known by. */
export interface Notify extends Partial<Pick<Signed, 'mac'>> {
  readonly message: Buffer
  readonly id: number
  readonly key: TsigKey | undefined
}

/** Heard, heard and not wanted, or nothing that this NOTIFY waits for. */
export type NotifyReply = 'heard' | 'refused' | undefined

/** `id` is random, 16 bits; the SOA is the hint of RFC 1996 §3.7. `now` in ms. */
export function buildNotify(
  facts: ZoneFacts,
  serial: number,
  id: number,
  key: TsigKey | undefined,
  now: number
): Notify {
  const flags = (OPCODE.NOTIFY << 11) | 0x0400
  const question = Buffer.concat([wireName(facts.name), u16(TYPE.SOA), u16(CLASS.IN)])
  const message = Buffer.concat([...[id, flags, 1, 1, 0, 0].map(u16), question, soaRecord(facts, serial)])
  return key === undefined ? { message, id, key } : { ...signTsig(message, key, now), id, key }
}

/** What a message says to a NOTIFY of ours. To a signed one only a signed answer counts. `now` in ms. */
export function readNotifyReply(message: Buffer, notify: Notify, now: number): NotifyReply {
  if (message.length < HEADER || message.length > 512 || !isResponse(message)) return undefined
  if (message.readUInt16BE(0) !== notify.id || (((message[2] ?? 0) >> 3) & 15) !== OPCODE.NOTIFY) return undefined
  const rcode = (message[3] ?? 0) & 15
  if (notify.key !== undefined && notify.mac !== undefined) {
    const { tsig, unsigned } = readSections(message) ?? {}
    // Who does not know the key says so unsigned (RFC 8945 §5.3.2): not worth a retry, nor trusted as an answer.
    if (tsig === undefined || unsigned === undefined || tsig.error !== 0) return undefined
    if (!verifyTsig(unsigned, tsig, [notify.key], now, notify.mac).ok) return undefined
  }
  return rcode === RCODE.NOERROR ? 'heard' : 'refused'
}
