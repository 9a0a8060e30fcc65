/** Bytes of a source as whole texts or lines, under limits that hold before anything is decoded. */
import type { ImportRefusalCode } from './errors.ts'

/** A source that cannot be read on; `readImport` turns it into a refusal. */
export class ImportCut extends Error {
  readonly code: ImportRefusalCode
  readonly offset: number

  constructor(code: ImportRefusalCode, message: string, offset: number) {
    super(message)
    this.code = code
    this.offset = offset
  }
}

/** The source, cut with ImportCut `source-too-large` where more than `most` bytes come. */
export async function* bounded(source: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let taken = 0
  for await (const chunk of source) {
    const room = most - taken
    if (chunk.length > room) {
      if (room > 0) yield chunk.subarray(0, room)
      throw new ImportCut('source-too-large', `more than ${most} bytes`, most)
    }
    taken += chunk.length
    yield chunk
  }
}

/** All bytes of a (bounded) source. */
export async function wholeOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** All of a (bounded) source as text, without a byte order mark; what is no UTF-8 shows as U+FFFD. */
export async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await wholeOf(source))
}

/** One line, without its end; `offset` in bytes from 0, `number` from 1. A line that is too long has no text. */
export interface Line {
  readonly number: number
  readonly offset: number
  readonly text?: string
  /** Why there is no text: the line is too long, or the source ended here by its limit. */
  readonly refused?: { readonly code: ImportRefusalCode; readonly message: string }
}

/** Bytes of one line unless an import says otherwise. */
export const MAX_LINE = 1024 * 1024

/**
 * The lines of a (bounded) source, many at a time. A line beyond `most` bytes is passed over in constant memory; a source
 * beyond its limit ends with a last line that says so, and keeps what came before.
 */
export async function* linesOf(
  source: AsyncIterable<Uint8Array>,
  most: number = MAX_LINE
): AsyncGenerator<readonly Line[]> {
  let number = 0
  let begin = 0
  let held: Buffer[] = []
  let length = 0
  let at = 0

  const add = (part: Buffer): void => {
    length += part.length
    if (length <= most) held.push(part)
    else held = []
  }
  const end = (): Line => {
    number += 1
    const line = { number, offset: begin }
    const tooLong = length > most
    const bytes = held.length === 1 ? held[0] : Buffer.concat(held)
    held = []
    length = 0
    if (tooLong) return { ...line, refused: { code: 'line-too-long', message: `a line of more than ${most} bytes` } }
    const text = bytes?.toString('utf8') ?? ''
    return { ...line, text: (number === 1 ? text.replace(/^\uFEFF/, '') : text).replace(/\r$/, '') }
  }

  try {
    for await (const chunk of source) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const lines: Line[] = []
      let from = 0
      for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
        add(bytes.subarray(from, to))
        lines.push(end())
        from = to + 1
        begin = at + from
      }
      // The chunk may be written over once we ask for the next one.
      if (from < bytes.length) add(Buffer.from(bytes.subarray(from)))
      at += bytes.length
      if (lines.length > 0) yield lines
    }
  } catch (error) {
    if (!(error instanceof ImportCut)) throw error
    yield [{ number: number + 1, offset: error.offset, refused: { code: error.code, message: error.message } }]
    return
  }
  if (length > 0) yield [end()]
}
