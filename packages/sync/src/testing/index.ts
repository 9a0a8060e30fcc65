/** For tests beyond this room: frames made and read by hand, and the bytes that vectors hold. */
export { packEntries, readHeader, unpackEntries } from '../batch-bytes.ts'
export { compress, decompress } from '../compression.ts'
export { bucketDigests, bucketOf, differingBuckets, digestOf } from '../digest.ts'
export { decodeFrame, encodeFrame } from '../frame-codec.ts'
export { type BatchFrame, FRAME_CODES, type Frame, type HelloFrame } from '../frames.ts'
export { createLargeIn } from '../large-in.ts'
