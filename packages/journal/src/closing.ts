import { z } from 'zod'
import { fromHex } from './bytes.ts'
import { JournalError } from './errors.ts'
import { hex } from './shapes.ts'
import { DESCRIPTOR_BYTES, type DecodedDescriptor, decodeDescriptor } from './stream.ts'

/**
 * Where a stream ends, by the word of its author's root key (DESIGN §7): entries behind `last` are void. It carries the
 * descriptor, so that whoever holds nothing of the stream still knows for whom it is.
 */
export const ClosingSchema = z
  .strictObject({
    stream: hex(DESCRIPTOR_BYTES),
    /** Sequence number of the last genuine entry; 0: none is. */
    last: z.int().min(0),
    /** Its id; none with `last` 0. */
    head: hex(32).exactOptional()
  })
  .refine(({ last, head }) => (last === 0) === (head === undefined), 'a head belongs to an entry')

/** The value of a closing register. */
export type Closing = z.infer<typeof ClosingSchema>

/** The stream that is closed, decoded once for each value: asked for at every comparison. @throws JournalError descriptor-… */
export function closedStream(closing: Closing): DecodedDescriptor {
  const known = decoded.get(closing)
  if (known !== undefined) return known
  const stream = decodeDescriptor(fromHex(closing.stream))
  decoded.set(closing, stream)
  return stream
}

const decoded = new WeakMap<Closing, DecodedDescriptor>()

/** Checks what a schema cannot: the header names this very stream, and it is the signer's own. */
export function checkClosing(closing: Closing, header: { readonly author: string; readonly stream?: string }): void {
  const { id, descriptor } = closedStream(closing)
  if (id !== header.stream) throw new JournalError('closing-stream', undefined, { stream: id })
  if (descriptor.author !== header.author) throw new JournalError('closing-author')
}
