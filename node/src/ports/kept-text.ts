/** A text that is written once and read once: in memory while it is short, else in a file without a name. */
import type { FileHandle } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import { openNameless } from '@tocsin/connectors'

export interface KeptText {
  add(piece: string): Promise<void>
  /** To be read once, or given up by its iterator's `return`, begun or not: either lets go of the file. */
  body(): AsyncIterable<string>
  close(): Promise<void>
}

/** A text of at most so many UTF-16 units meets no file. */
const IN_MEMORY = 1024 * 1024
/** Written (UTF-16 units) or read (bytes) at a time. */
const AT_A_TIME = 256 * 1024

/** @param folder where the file may be made: nobody else's */
export function createKeptText(folder: string): KeptText {
  let pieces: string[] = []
  let length = 0
  let file: FileHandle | undefined

  async function flush(): Promise<void> {
    file ??= await openNameless(folder)
    await file.appendFile(pieces.join(''))
    pieces = []
    length = 0
  }

  async function close(): Promise<void> {
    const open = file
    file = undefined
    pieces = []
    await open?.close()
  }

  async function* read(): AsyncGenerator<string> {
    try {
      if (file !== undefined) {
        const bytes = Buffer.allocUnsafeSlow(AT_A_TIME)
        const decoder = new StringDecoder('utf8')
        for (let at = 0; ; ) {
          const { bytesRead } = await file.read(bytes, 0, bytes.length, at)
          if (bytesRead === 0) break
          at += bytesRead
          yield decoder.write(bytes.subarray(0, bytesRead))
        }
      }
      yield* pieces
    } finally {
      await close()
    }
  }

  return {
    add: async (piece) => {
      pieces.push(piece)
      length += piece.length
      if (length > (file === undefined ? IN_MEMORY : AT_A_TIME)) await flush()
    },
    body: () => {
      const reading = read()
      const iterator: AsyncIterator<string, undefined> = {
        next: () => reading.next(),
        return: async () => {
          await reading.return(undefined)
          // A generator that was never begun ends without its `finally`.
          await close()
          return { done: true, value: undefined }
        }
      }
      return { [Symbol.asyncIterator]: () => iterator }
    },
    close
  }
}
