import { decodeDescriptor, encodeDescriptor, type StreamDescriptor, toHex } from '@tocsin/journal'
import type { EntryId, StreamId } from '@tocsin/model'
import { holds, refusals, type VectorFile } from './case.ts'
import { circle, descriptor, other, patch } from './records.ts'

const { circle: _, ...bare } = descriptor
const predecessor = { stream: '5a'.repeat(32) as StreamId, seq: 2 ** 53 - 1, head: 'a5'.repeat(32) as EntryId }
const ZERO = '00'.repeat(32)
const IDENTITY = `01${'00'.repeat(31)}`

// Offsets of DESCRIPTOR_BYTES: author 1, node key 33, incarnation 65, quarter 81, kind 83, TLP 84, flags 85,
// audience 86, predecessor stream 118, seq 150, head 158.
export function buildDescriptor(): VectorFile {
  const valid: readonly (readonly [string, StreamDescriptor])[] = [
    ['AMBER to a circle', descriptor],
    ['AMBER+STRICT to a circle', { ...descriptor, tlp: 'AMBER+STRICT' }],
    ['RED to a recipient', { ...bare, tlp: 'RED', recipient: other }],
    ['GREEN', { ...bare, tlp: 'GREEN' }],
    ['CLEAR', { ...bare, tlp: 'CLEAR' }],
    ['retraction stream', { ...descriptor, kind: 'retraction' }],
    ['with a predecessor', { ...descriptor, predecessor }],
    ['after a stream of one entry', { ...descriptor, predecessor: { ...predecessor, seq: 1 } }],
    ['the last quarter', { ...bare, tlp: 'CLEAR', quarter: 65_535 }]
  ]
  const amber = encodeDescriptor(descriptor)
  const clear = encodeDescriptor({ ...bare, tlp: 'CLEAR' })
  const red = encodeDescriptor({ ...bare, tlp: 'RED', recipient: other })
  const after = encodeDescriptor({ ...descriptor, predecessor })
  const refused: readonly (readonly [string, Uint8Array, string])[] = [
    ['empty', new Uint8Array(0), 'descriptor-length'],
    ['one byte short', amber.subarray(0, 189), 'descriptor-length'],
    ['one byte long', Uint8Array.from([...amber, 0]), 'descriptor-length'],
    ['version 0', patch(amber, 0, '00'), 'descriptor-version'],
    ['version 2', patch(amber, 0, '02'), 'descriptor-version'],
    ['kind 0', patch(amber, 83, '00'), 'descriptor-kind'],
    ['kind 3', patch(amber, 83, '03'), 'descriptor-kind'],
    ['TLP 0', patch(amber, 84, '00'), 'descriptor-tlp'],
    ['TLP 6', patch(amber, 84, '06'), 'descriptor-tlp'],
    ['unknown flag bit 3', patch(amber, 85, '09'), 'descriptor-flags'],
    ['unknown flag bit 3 alone', patch(clear, 85, '08'), 'descriptor-flags'],
    ['unknown flag bit 7', patch(amber, 85, '81'), 'descriptor-flags'],
    ['circle and recipient', patch(amber, 85, '03'), 'descriptor-audience'],
    ['AMBER relabelled CLEAR', patch(amber, 84, '01'), 'descriptor-audience'],
    ['GREEN with a circle', patch(amber, 84, '02'), 'descriptor-audience'],
    ['RED with a circle', patch(amber, 84, '05'), 'descriptor-audience'],
    ['AMBER without a circle', patch(patch(amber, 85, '00'), 86, ZERO), 'descriptor-audience'],
    ['RED without a recipient', patch(patch(red, 85, '00'), 86, ZERO), 'descriptor-audience'],
    ['AMBER+STRICT with a recipient', patch(red, 84, '04'), 'descriptor-audience'],
    ['CLEAR with audience bytes that no flag announces', patch(clear, 86, circle), 'descriptor-flags'],
    ['AMBER with a circle of zeros', patch(amber, 86, ZERO), 'descriptor-flags'],
    ['predecessor bytes that no flag announces', patch(amber, 189, '01'), 'descriptor-flags'],
    ['predecessor announced and absent', patch(amber, 85, '05'), 'descriptor-predecessor'],
    ['predecessor with seq 0', patch(after, 150, '0000000000000000'), 'descriptor-predecessor'],
    ['predecessor with seq 2^53', patch(after, 150, '0020000000000000'), 'descriptor-predecessor'],
    ['predecessor without a stream', patch(after, 118, ZERO), 'descriptor-predecessor'],
    ['predecessor without a head', patch(after, 158, ZERO), 'descriptor-predecessor'],
    ['author of small order', patch(amber, 1, IDENTITY), 'key-bad-order'],
    ['node key of small order', patch(amber, 33, IDENTITY), 'key-bad-order'],
    ['recipient of small order', patch(red, 86, IDENTITY), 'key-bad-order'],
    ['node key off the curve', patch(amber, 33, `02${'00'.repeat(31)}`), 'key-not-canonical'],
    ['node key with y = p + 3', patch(amber, 33, `f0${'ff'.repeat(30)}7f`), 'key-not-canonical']
  ]
  return {
    description: 'Stream descriptors: 190 bytes, one encoding each. id is the SHA-256 of the bytes.',
    cases: [
      ...valid.map(([name, it]) => {
        const { bytes, id } = decodeDescriptor(encodeDescriptor(it))
        return holds('descriptor', name, { hex: toHex(bytes) }, { id, descriptor: it })
      }),
      ...refusals('descriptor', refused)
    ]
  }
}
