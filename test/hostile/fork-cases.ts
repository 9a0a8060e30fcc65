/** Proofs of forks that prove nothing, or go where they may not. */
import {
  compareBytes,
  concatBytes,
  type DecodedDescriptor,
  decodeDescriptor,
  encodeDescriptor,
  fromHex,
  nodeKey,
  openRegister,
  parseCardText,
  quarterOf
} from '@tocsin/journal'
import type { CircleId, InstitutionId } from '@tocsin/model'
import { type Case, closed, flipped, open } from './case.ts'
import { bulletin, type Entry, entry, type Labels, openStream } from './forge.ts'
import type { Scene } from './scene.ts'
import type { Wire } from './wire.ts'

/** A stream in the name of the neighbour, with its true node key, which the villain does not have. */
function neighbours({ neighbour }: Scene, labels: Labels): DecodedDescriptor {
  const { register } = openRegister(parseCardText(neighbour.card))
  if (register.kind !== 'card') throw new Error('no card')
  const key = register.value.nodeKeys[0]?.key ?? ''
  return decodeDescriptor(
    encodeDescriptor({
      author: neighbour.id as InstitutionId,
      nodeKey: nodeKey(fromHex(key)),
      incarnation: 'ab'.repeat(16),
      quarter: quarterOf(Date.now()),
      kind: 'log',
      ...labels
    })
  )
}

function pair(scene: Scene, stream: DecodedDescriptor): readonly [Entry, Entry] {
  const one = (name: string): Entry => entry(scene.villain, stream, bulletin(name, `${name}.example`))
  return [one('one'), one('other')]
}

function proofOf(stream: DecodedDescriptor, entries: readonly [Entry, Entry], turned = false): Uint8Array {
  const sides = entries.map(({ header }) => concatBytes(stream.bytes, header)).sort(compareBytes)
  return concatBytes(Uint8Array.of(0xf0, 1), ...(turned ? sides.reverse() : sides))
}

function send(wire: Wire, bytes: Uint8Array): void {
  wire.send({ type: 'registers', registers: [{ address: '00'.repeat(32), bytes }] })
}

export const FORKS: readonly Case[] = [
  closed('of the neighbour’s, made up by the villain', 'admit:bad-signature', (scene, wire) => {
    const stream = neighbours(scene, { tlp: 'AMBER', circle: scene.circle })
    send(wire, proofOf(stream, pair(scene, stream)))
  }),
  closed('of one’s own, altered', 'admit:bad-signature', (scene, wire) => {
    const stream = openStream(scene.villain, { tlp: 'AMBER', circle: scene.circle })
    // The last byte of the last signature.
    send(wire, flipped(proofOf(stream, pair(scene, stream)), 761))
  }),
  closed('with its sides the other way round', 'admit:fork-proof-order', (scene, wire) => {
    const stream = openStream(scene.villain, { tlp: 'AMBER', circle: scene.circle })
    send(wire, proofOf(stream, pair(scene, stream), true))
  }),
  closed('that is cut off', 'admit:fork-proof-length', (scene, wire) => {
    const stream = openStream(scene.villain, { tlp: 'AMBER', circle: scene.circle })
    send(wire, proofOf(stream, pair(scene, stream)).subarray(0, 761))
  }),
  open('in a circle that nobody knows', 'admit:unknown-circle', (scene, wire) => {
    const stream = openStream(scene.villain, { tlp: 'AMBER', circle: 'ee'.repeat(32) as CircleId })
    send(wire, proofOf(stream, pair(scene, stream)))
  }),
  open('of a RED stream between two others', 'admit:red-relayed', (scene, wire) => {
    const stream = neighbours(scene, { tlp: 'RED', recipient: scene.victim.id as InstitutionId })
    send(wire, proofOf(stream, pair(scene, stream)))
  }),
  open('of a later version', 'admit:unknown-version', (scene, wire) => {
    const stream = openStream(scene.villain, { tlp: 'AMBER', circle: scene.circle })
    const bytes = Uint8Array.from(proofOf(stream, pair(scene, stream)))
    bytes[1] = 2
    send(wire, bytes)
  })
]
