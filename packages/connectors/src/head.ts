/** In which the head of every feed ends: a zone's SOA record stands in its first 300 characters. */
export const HEAD = 1024

/** Applies `edit` to the first `HEAD` characters of a text in pieces (once, with what there is of them). */
export async function* headed(pieces: AsyncIterable<string>, edit: (head: string) => string): AsyncGenerator<string> {
  let head: string | undefined = ''
  for await (const piece of pieces) {
    if (head === undefined) {
      yield piece
      continue
    }
    head += piece
    if (head.length < HEAD) continue
    yield edit(head)
    head = undefined
  }
  if (head !== undefined && head !== '') yield edit(head)
}
