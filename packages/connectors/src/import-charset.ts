/** What spreadsheets and Windows write, as UTF-8: every import but that of mails reads nothing else. */
import { TextDecoder } from 'node:util'
import { ConnectorError } from './errors.ts'

const BYTE_ORDER_MARKS: readonly (readonly [charset: string, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]]
]
/** Octets of the longest of them. */
const MOST_MARK = 3

/**
 * The source in UTF-8. A byte order mark decides (WHATWG Encoding §6, "decode"), else `charset`, a label of that
 * standard such as `windows-1252`; without either it is handed on as it is. What the charset has no character for becomes
 * U+FFFD, which no value may hold.
 * @throws ConnectorError import-charset-unknown, before the first byte is asked for
 */
export function asUtf8(source: AsyncIterable<Uint8Array>, charset: string | undefined): AsyncIterable<Uint8Array> {
  if (charset !== undefined) decoderOf(charset)
  return decoded(source, charset)
}

async function* decoded(source: AsyncIterable<Uint8Array>, charset: string | undefined): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0)
  let decoder: TextDecoder | undefined
  for await (const chunk of source) {
    let part = chunk
    if (head !== undefined) {
      head = Buffer.concat([head, chunk])
      if (head.length < MOST_MARK) continue
      decoder = decoderFor(head, charset)
      part = head
      head = undefined
    }
    yield decoder === undefined ? part : Buffer.from(decoder.decode(part, { stream: true }))
  }
  if (head !== undefined) yield Buffer.from(decoderFor(head, charset)?.decode(head) ?? head)
  else if (decoder !== undefined) yield Buffer.from(decoder.decode())
}

/** None where the bytes are UTF-8 already, or no text as far as anybody said. */
function decoderFor(head: Uint8Array, charset: string | undefined): TextDecoder | undefined {
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, index) => head[index] === byte))
  const name = marked?.[0] ?? charset
  const decoder = name === undefined ? undefined : decoderOf(name)
  return decoder?.encoding === 'utf-8' ? undefined : decoder
}

function decoderOf(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset)
  } catch {
    throw new ConnectorError('import-charset-unknown', `no charset is called ${charset}`, { charset })
  }
}
