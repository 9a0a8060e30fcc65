/** As much of hypercore 11 as the benchmark calls; the package has no types of its own. */
declare module 'hypercore' {
  import type { Duplex } from 'node:stream'

  export default class Hypercore {
    constructor(path: string, key?: Uint8Array)
    readonly key: Uint8Array
    readonly length: number
    /** Blocks held from the start on without a gap. */
    readonly contiguousLength: number
    ready(): Promise<void>
    append(blocks: readonly Uint8Array[]): Promise<unknown>
    download(range: { readonly start: number; readonly end: number }): { done(): Promise<void> }
    replicate(isInitiator: boolean): Duplex
    close(): Promise<void>
  }
}
