/** For tests beyond this room: frames made and read by hand. */
export { decodeFrame, encodeFrame } from '../frame-codec.ts'
export type { BatchFrame, Frame, HelloFrame } from '../frames.ts'
