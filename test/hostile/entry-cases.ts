/** Attacks by entries, batches and hop proofs. */
import { concatBytes } from '@tocsin/journal'
import { type Case, closed, flipped, open, sound } from './case.ts'
import { batch, bulletin, entry, idOf, newAuthor, openStream, proofOf } from './forge.ts'

const MINUTE = 60_000

export const ENTRIES: readonly Case[] = [
  closed('an unsigned entry', 'admit:bad-signature', (scene, wire) => {
    const { stream, one } = sound(scene)
    const header = concatBytes(one.header.subarray(0, 126), new Uint8Array(64))
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, header }]))
  }),
  closed('an altered header', 'admit:proof-other-range', (scene, wire) => {
    const { stream, one } = sound(scene)
    // The last byte of keep-until: the id is another then, and the proof names the one that was signed.
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, header: flipped(one.header, 125) }]))
  }),
  closed('an altered header with a proof of its own', 'admit:bad-signature', (scene, wire) => {
    const { stream, one } = sound(scene)
    const header = flipped(one.header, 125)
    const signed = { ...one.signed, id: idOf(header) }
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, header, signed }]))
  }),
  closed('an altered body', 'admit:body-mismatch', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, body: flipped(one.body, 20) }]))
  }),
  closed('a body that is cut off', 'bad-batch', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, body: one.body.subarray(0, -1) }]))
  }),
  closed('bytes behind the last entry', 'bad-batch', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, body: concatBytes(one.body, one.body) }]))
  }),
  closed('a bulletin of more than 2 MiB', 'bad-batch', (scene, wire) => {
    const { stream, one } = sound(scene)
    // Its length stands at byte 82 of the header, behind version, stream, seq, previous, clock and kind.
    const header = concatBytes(one.header.subarray(0, 82), Uint8Array.of(0, 0x40, 0, 0), one.header.subarray(86))
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, header }]))
  }),
  closed('an entry of another stream', 'bad-batch', (scene, wire) => {
    const { one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, openStream(scene.villain, { tlp: 'CLEAR' }), [one]))
  }),
  closed('an entry replayed into another stream', 'admit:bad-signature', (scene, wire) => {
    const { one } = sound(scene)
    const stream = openStream(scene.villain, { tlp: 'CLEAR' })
    const header = concatBytes(one.header.subarray(0, 1), Buffer.from(stream.id, 'hex'), one.header.subarray(33))
    const signed = { ...one.signed, id: idOf(header) }
    wire.send(batch(scene.villain, scene.victim.id, stream, [{ ...one, header, signed }]))
  }),
  closed('a gap in the seqs', 'bad-batch', (scene, wire) => {
    const { stream, one } = sound(scene)
    const two = entry(scene.villain, stream, bulletin('two', 'two.example'), { after: one })
    const three = entry(scene.villain, stream, bulletin('three', 'three.example'), { after: two })
    wire.send(batch(scene.villain, scene.victim.id, stream, [one, three]))
  }),
  closed('a clock that falls', 'admit:clock-falls', (scene, wire) => {
    const { stream, one } = sound(scene)
    const clock = one.signed.header.clock - 1
    const two = entry(scene.villain, stream, bulletin('two', 'two.example'), { after: one, clock })
    wire.send(batch(scene.villain, scene.victim.id, stream, [one, two]))
  }),
  closed('a keep-until of a hundred years', 'admit:keep-until-out-of-bounds', (scene, wire) => {
    const { stream, one } = sound(scene)
    const keepUntil = one.signed.header.clock + 36_500 * 86_400_000
    const kept = entry(scene.villain, stream, one.body, { keepUntil })
    wire.send(batch(scene.villain, scene.victim.id, stream, [kept]))
  }),
  closed('a retraction in a log', 'admit:kind-not-in-stream', (scene, wire) => {
    const { stream } = sound(scene)
    const one = entry(scene.villain, stream, bulletin('x', 'x.example'), { kind: 'retraction' })
    wire.send(batch(scene.villain, scene.victim.id, stream, [one]))
  }),
  closed('no hop proof', 'admit:bad-hop-proof', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { proof: new Uint8Array(0) }))
  }),
  closed('a hop proof that another key signed', 'admit:bad-hop-proof', (scene, wire) => {
    const { stream, one } = sound(scene)
    const stranger = { institution: scene.villain.institution, key: newAuthor().key }
    wire.send(batch(stranger, scene.victim.id, stream, [one]))
  }),
  closed('the hop proof of another batch', 'admit:proof-other-range', (scene, wire) => {
    const { stream, one } = sound(scene)
    const two = entry(scene.villain, stream, bulletin('two', 'two.example'), { after: one })
    const proof = proofOf(scene.villain, scene.victim.id, stream, [one, two])
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { proof }))
  }),
  closed('the hop proof of another stream', 'admit:proof-other-stream', (scene, wire) => {
    const { stream, one } = sound(scene)
    const other = openStream(scene.villain, { tlp: 'CLEAR' })
    const proof = proofOf(scene.villain, scene.victim.id, other, [one])
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { proof }))
  }),
  closed('a hop proof made out to somebody else', 'admit:proof-other-receiver', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.neighbour.id, stream, [one]))
  }),
  open('a hop proof of yesterday', 'admit:proof-other-time', (scene, wire) => {
    const { stream, one } = sound(scene)
    const proof = proofOf(scene.villain, scene.victim.id, stream, [one], { time: Date.now() - 86_400_000 })
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { proof }))
  }),
  open('an entry of eleven minutes from now', 'admit:too-new', (scene, wire) => {
    const clock = Date.now() + 11 * MINUTE
    const stream = openStream(scene.villain, { tlp: 'CLEAR' }, clock)
    const one = entry(scene.villain, stream, bulletin('soon', 'soon.example'), { clock })
    wire.send(batch(scene.villain, scene.victim.id, stream, [one]))
  }),
  closed('a clock outside the quarter of the stream', 'admit:clock-outside-quarter', (scene, wire) => {
    const stream = openStream(scene.villain, { tlp: 'CLEAR' }, Date.now() - 100 * 86_400_000)
    const one = entry(scene.villain, stream, bulletin('old', 'old.example'))
    wire.send(batch(scene.villain, scene.victim.id, stream, [one]))
  }),
  open('an author who is no member', 'admit:amber-author-not-member', ({ villain, victim, circle }, wire) => {
    const stranger = newAuthor()
    const stream = openStream(stranger, { tlp: 'AMBER', circle })
    wire.send(batch(villain, victim.id, stream, [entry(stranger, stream, bulletin('no', 'no.example'))]))
  }),
  open('a CLEAR bulletin of an author whom nobody knows', 'admit:clear-author-unknown', ({ villain, victim }, wire) => {
    const stranger = newAuthor()
    const stream = openStream(stranger, { tlp: 'CLEAR' })
    wire.send(batch(villain, victim.id, stream, [entry(stranger, stream, bulletin('no', 'no.example'))]))
  }),
  open('a node key that the card does not certify', 'admit:node-key-not-certified', ({ villain, victim }, wire) => {
    const author = { institution: villain.institution, key: newAuthor().key }
    const stream = openStream(author, { tlp: 'CLEAR' })
    wire.send(batch(villain, victim.id, stream, [entry(author, stream, bulletin('no', 'no.example'))]))
  }),
  closed('somebody else’s RED, colluding author or not', 'admit:red-relayed', ({ villain, victim }, wire) => {
    const accomplice = newAuthor()
    const stream = openStream(accomplice, { tlp: 'RED', recipient: villain.institution })
    wire.send(batch(villain, victim.id, stream, [entry(accomplice, stream, bulletin('red', 'red.example'))]))
  }),
  open('a descriptor of a later version', 'sync:unknown-version', (scene, wire) => {
    const { stream, one } = sound(scene)
    const descriptor = concatBytes(Uint8Array.of(2), stream.bytes.subarray(1))
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { descriptor }))
  }),
  closed('labels that contradict each other', 'bad-batch', (scene, wire) => {
    const { stream, one } = sound(scene)
    // CLEAR with the flag of a circle (flags stand behind version, keys, incarnation, quarter, kind and TLP).
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { descriptor: flipped(stream.bytes, 85) }))
  })
]
