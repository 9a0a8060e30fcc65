/**
 * What can be known of an entry from its bytes alone, ahead of its admission and on any thread: whether its key signed
 * it, whether the body is the signed one, and what the body says. `admit` asks for all of it in its own order and judges
 * as ever; a reading only answers sooner. Without a reader everything is read where it is asked for.
 */
import { admitKey, bodyMatches, fromHex, JournalError, parseSignedHeader, verifyHeader } from '@tocsin/journal'
import type { NodeKey } from '@tocsin/model'
import { type ReadBulletin, readBulletin } from './read-bulletin.ts'

export interface Reading {
  /** The key's signature over the header is right. */
  readonly signed: boolean
  /** Length and hash of the body are those of the header. */
  readonly matches: boolean
  /** Absent where one of the two is wrong. */
  readonly bulletin?: ReadBulletin
}

/** A bulletin to be read: its stream's node key, its signed header and its body, not changed by anybody meanwhile. */
export interface Unread {
  readonly nodeKey: NodeKey
  readonly header: Uint8Array
  readonly body: Uint8Array
}

/** Reads bulletins elsewhere, in the order of asking. */
export interface EntryReader {
  /** Undefined where it cannot, or not now: then the caller reads for himself. Never rejects. */
  read(unread: Unread): Promise<Reading | undefined> | undefined
  /** Told once, when it will not read any more though nobody closed it. */
  onLost(tell: () => void): void
  close(): Promise<void>
}

/** What a reader's thread says when it can be asked. */
export const READY = 'ready'

/** Cheapest first: a body that nobody signed is not opened. Undefined for what cannot be parsed. */
export function readEntry({ nodeKey, header, body }: Unread): Reading | undefined {
  try {
    const signed = parseSignedHeader(header)
    if (!verifyHeader(admitKey(fromHex(nodeKey)), signed)) return { signed: false, matches: false }
    if (!bodyMatches(signed.header, body)) return { signed: true, matches: false }
    return { signed: true, matches: true, bulletin: readBulletin(body) }
  } catch (error) {
    if (error instanceof JournalError) return undefined
    throw error
  }
}
