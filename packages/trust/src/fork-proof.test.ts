import { concatBytes, fromHex, sealEntry, sha256, signedHeaderBytes, toHex, utf8 } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { describe, expect, it } from 'vitest'
import { encodeEvidence } from './evidence.ts'
import { card, entryIn, NOW, node, streamOf } from './evidence-fixtures.ts'
import {
  evidenceOfFork,
  FORK_PROOF_BYTES,
  type ForkSide,
  forkPlaces,
  forkProofSigned,
  parseForkProof,
  sealForkProof
} from './fork-proof.ts'
import { institution } from './test-fixtures.ts'
import { verifyEvidence } from './verify-evidence.ts'

const QUARTER_MS = 92 * 86_400_000
const log = streamOf('author')
const side = (stream: ReturnType<typeof streamOf>, body: string, seq = 1, by = 'author'): ForkSide => ({
  stream,
  entry: entryIn(stream, by, body, seq)
})

function successor(incarnation: string, change: Parameters<typeof streamOf>[1] = {}) {
  const predecessor = { stream: 'ab'.repeat(32) as StreamId, seq: 3, head: 'cd'.repeat(32) as EntryId }
  return streamOf('author', { incarnation: incarnation.repeat(16), predecessor, ...change })
}

function refused(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as { code: string }).code
  }
  return 'taken'
}

describe('the proof of a fork of entries', () => {
  const proof = sealForkProof(side(log, 'one'), side(log, 'other'))

  it('is one record, whichever side comes first, and says from where nothing counts', () => {
    expect(sealForkProof(side(log, 'other'), side(log, 'one')).bytes).toEqual(proof.bytes)
    expect(proof.bytes.length).toBe(FORK_PROOF_BYTES)
    expect(proof).toMatchObject({ kind: 'entries', seq: 1, isSplit: true, key: forkPlaces(log)[0] })
    expect(forkProofSigned(proof)).toBe(true)
    expect(parseForkProof(proof.bytes)).toEqual(proof)
  })

  it('has the same key for every pair of the stream, and another for another stream', () => {
    expect(sealForkProof(side(log, 'three'), side(log, 'four')).key).toBe(proof.key)
    const behind = sealForkProof(side(log, 'one', 7), side(log, 'other', 7))
    expect(behind).toMatchObject({ key: proof.key, seq: 7 })
    const red = streamOf('author', { tlp: 'RED', recipient: institution('receiver') })
    expect(sealForkProof(side(red, 'one'), side(red, 'other')).key).not.toBe(proof.key)
  })

  it('tells the split from a place behind it', () => {
    const fields = { stream: log.id, seq: 7, clock: NOW, keepUntil: NOW, kind: 'bulletin' as const }
    const after = (previous: string, body: string): ForkSide => ({
      stream: log,
      entry: sealEntry(node('author'), { ...fields, previous: previous.repeat(32) as EntryId }, utf8(body))
    })
    expect(sealForkProof(after('01', 'a'), after('01', 'b')).isSplit).toBe(true)
    expect(sealForkProof(after('01', 'a'), after('02', 'b')).isSplit).toBe(false)
  })

  it('becomes evidence that holds offline', () => {
    expect(verifyEvidence(encodeEvidence(evidenceOfFork(proof, NOW)), card('author'))).toMatchObject({
      ok: true,
      evidence: { kind: 'fork-entry', accused: institution('author') }
    })
  })

  it.each([
    ['of one entry twice', () => sealForkProof(side(log, 'one'), side(log, 'one')), 'fork-proof-order'],
    ['of two places', () => sealForkProof(side(log, 'one', 1), side(log, 'other', 2)), 'fork-proof-no-fork'],
    [
      'of two streams that continue nothing',
      () => sealForkProof(side(log, 'one'), side(streamOf('author', { incarnation: '01'.repeat(16) }), 'one')),
      'fork-proof-no-fork'
    ],
    ['cut short', () => parseForkProof(proof.bytes.subarray(1)), 'fork-proof-length'],
    ['that begins like a register', () => parseForkProof(changed(0, 1)), 'fork-proof-length'],
    ['of a later version', () => parseForkProof(changed(1, 2)), 'fork-proof-version'],
    ['with its sides the other way round', () => parseForkProof(turned()), 'fork-proof-order'],
    [
      'with an entry of another stream',
      () => sealForkProof(side(log, 'one'), { stream: log, entry: side(streamOf('relay'), 'x').entry }),
      'entry-field'
    ]
  ])('is refused %s', (_, work, code) => {
    expect(refused(work)).toBe(code)
  })

  it('is refused with an entry outside the quarter of its stream, which nobody admits', () => {
    const fields = { stream: log.id, seq: 1, previous: null, keepUntil: NOW, kind: 'bulletin' as const }
    const late = sealEntry(node('author'), { ...fields, clock: NOW + QUARTER_MS }, utf8('late'))
    expect(refused(() => sealForkProof(side(log, 'one'), { stream: log, entry: late }))).toBe('fork-proof-no-fork')
  })

  it('is not signed where somebody else signed a side, or a byte of a signature differs', () => {
    expect(forkProofSigned(sealForkProof(side(log, 'one'), side(log, 'other', 1, 'relay')))).toBe(false)
    for (const at of [FORK_PROOF_BYTES - 1, 2 + 190 + 189]) {
      const bytes = changed(at, (proof.bytes[at] ?? 0) ^ 1)
      expect(refused(() => expect(forkProofSigned(parseForkProof(bytes))).toBe(false))).toBe('taken')
    }
  })

  function changed(at: number, value: number): Uint8Array {
    const bytes = Uint8Array.from(proof.bytes)
    bytes[at] = value
    return bytes
  }

  function turned(): Uint8Array {
    const [first, second] = proof.sides.map(({ stream, entry }) => concatBytes(stream.bytes, signedHeaderBytes(entry)))
    return concatBytes(proof.bytes.subarray(0, 2), second ?? new Uint8Array(0), first ?? new Uint8Array(0))
  }
})

describe('the proof of a fork of streams', () => {
  it('names the place that both continue, for all pairs alike', () => {
    const [one, two, three] = [successor('01'), successor('02'), successor('03')]
    const proof = sealForkProof(side(one, 'x'), side(two, 'y', 4))
    expect(proof).toMatchObject({ kind: 'streams', seq: 1, key: forkPlaces(one)[1] })
    expect(forkPlaces(two)[1]).toBe(proof.key)
    expect(sealForkProof(side(three, 'x'), side(two, 'y')).key).toBe(proof.key)
    expect(forkProofSigned(proof)).toBe(true)
    expect(verifyEvidence(encodeEvidence(evidenceOfFork(proof, NOW)), card('author'))).toMatchObject({ ok: true })
  })

  it('is none between two audiences, two kinds or two authors: nobody of one need see the other', () => {
    const one = successor('01')
    const others = [
      successor('02', { kind: 'retraction' }),
      successor('02', { tlp: 'CLEAR' }),
      successor('02', { tlp: 'RED', recipient: institution('receiver') })
    ]
    for (const other of others) {
      expect(refused(() => sealForkProof(side(one, 'x'), side(other, 'y')))).toBe('fork-proof-no-fork')
      expect(forkPlaces(other)[1]).not.toBe(forkPlaces(one)[1])
    }
    const foreign = streamOf('relay', { predecessor: one.descriptor.predecessor as never })
    expect(refused(() => sealForkProof(side(one, 'x'), side(foreign, 'y', 1, 'relay')))).toBe('fork-proof-no-fork')
  })

  it('has keys made of fixed bytes', () => {
    const one = successor('01')
    const [own, continued] = forkPlaces(one)
    const hash = (...parts: Uint8Array[]) => toHex(sha256(concatBytes(utf8('tocsin/fork/1\0'), ...parts)))
    expect(own).toBe(hash(Uint8Array.of(1), fromHex(one.id)))
    const { bytes } = one
    expect(continued).toBe(
      hash(Uint8Array.of(2), bytes.subarray(1, 33), bytes.subarray(83, 85), bytes.subarray(86, 150))
    )
  })
})
