/** Attacks by frames and what they are packed in. */
import { concatBytes, encode, parseCardText } from '@tocsin/journal'
import { encodeFrame } from '@tocsin/sync/testing'
import { type Case, closed, filled, flipped, frame, sound } from './case.ts'
import { batch, entry, openStream, pack, packWithHugeWindow, rawOf } from './forge.ts'
import { varint } from './wire.ts'

const MIB = 2 ** 20

export const FRAMES: readonly Case[] = [
  closed('an unknown frame type', 'unknown-frame', (_, wire) => wire.send(frame(200, encode([])))),
  closed('an empty frame', 'unknown-frame', (_, wire) => wire.send(new Uint8Array(0))),
  closed('hello twice', 'unexpected-frame', (_, wire) => {
    const hello = wire.frames.find(({ type }) => type === 'hello')
    if (hello !== undefined) wire.send(hello)
  }),
  closed('accept twice', 'unexpected-frame', (_, wire) => wire.send({ type: 'accept' }, { type: 'accept' })),
  closed('CBOR nested a hundred thousand deep', 'bad-frame', (_, wire) => wire.send(frame(16, filled(100_000, 0x81)))),
  closed('an array that announces 2^53 items', 'bad-frame', (_, wire) =>
    wire.send(frame(8, Uint8Array.of(0x81, 0x9b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)))
  ),
  closed('a byte string that announces 4 GiB', 'bad-frame', (_, wire) =>
    wire.send(frame(11, Uint8Array.of(0x87, 0x5b, 0, 0, 0, 1, 0, 0, 0, 0)))
  ),
  closed('a map with the same key twice', 'bad-frame', (_, wire) =>
    wire.send(frame(16, Uint8Array.of(0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2)))
  ),
  closed('an indefinite length', 'bad-frame', (_, wire) => wire.send(frame(16, Uint8Array.of(0x9f, 1, 0xff)))),
  closed('a code that is text for a log', 'bad-frame', (_, wire) =>
    wire.send(frame(3, encode(['\u001b[2Jeverything is fine'])))
  ),
  closed('a frame one byte too long', 'frame-too-long', (_, wire) => wire.send(new Uint8Array(MIB + 64 * 1024 + 1))),
  closed('64 MiB announced', 'frame-too-long', (_, wire) => wire.raw(concatBytes(varint(64 * MIB), new Uint8Array(9)))),
  closed('a length that never ends', 'frame-too-long', (_, wire) => wire.raw(filled(64, 0x80))),
  closed('a length that is not minimal', 'bad-frame', (_, wire) => wire.raw(Uint8Array.of(0x80, 0x00))),
  closed('a batch that announces more than 1 MiB', 'bad-frame', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { rawLength: MIB + 1 }))
  }),
  closed('a decompression bomb', 'bad-compression', (scene, wire) => {
    const { stream, one } = sound(scene)
    const packed = pack(new Uint8Array(256 * MIB))
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { rawLength: MIB, packed }))
  }),
  closed('less than announced', 'bad-compression', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { rawLength: rawOf([one]).length + 1 }))
  }),
  closed('junk behind the zstd frame', 'bad-compression', (scene, wire) => {
    const { stream, one } = sound(scene)
    const packed = concatBytes(pack(rawOf([one])), filled(8, 7))
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { packed }))
  }),
  closed('a second zstd frame', 'bad-compression', (scene, wire) => {
    const { stream, one } = sound(scene)
    const raw = rawOf([one])
    const packed = concatBytes(pack(raw.subarray(0, 100)), pack(raw.subarray(100)))
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { packed }))
  }),
  closed('a zstd window of 128 MiB', 'bad-compression', (scene, wire) => {
    const { stream, one } = sound(scene)
    wire.send(batch(scene.villain, scene.victim.id, stream, [one], { packed: packWithHugeWindow(rawOf([one])) }))
  }),
  closed('more than the credit', 'credit-exceeded', (scene, wire) => {
    const stream = openStream(scene.villain, { tlp: 'CLEAR' })
    // A megabyte of zeros costs its full length in credit and a hundred bytes on the wire.
    const one = entry(scene.villain, stream, new Uint8Array(1_000_000), { kind: 'attachment' })
    const flood = batch(scene.villain, scene.victim.id, stream, [one])
    wire.send(...Array.from({ length: 8 }, () => flood))
  }),
  closed('ten thousand questions', 'control-flood', (_, wire) => {
    const question = encodeFrame({ type: 'digests', reset: true, digests: [] })
    wire.send(...Array.from({ length: 10_000 }, () => question))
  }),
  closed('a chunk of nothing', 'unexpected-frame', (_, wire) =>
    wire.send({ type: 'chunk', id: 7, index: 0, bytes: Uint8Array.of(1) })
  ),
  closed('a register that nobody signed', 'admit:register-signature', (scene, wire) => {
    const bytes = flipped(parseCardText(scene.villain.card), 150)
    wire.send({ type: 'registers', registers: [{ address: '00'.repeat(32), bytes }] })
  })
]
