import { CliError } from './errors.ts'

const BEGIN = '-----BEGIN TOCSIN CARD-----'
const END = '-----END TOCSIN CARD-----'
/** Characters of text that are looked through: a mail with its history, not a mailbox. */
const MOST = 1 << 20
/** Blocks of one text: a thread between two institutions holds a few. */
const BLOCKS = 16

/**
 * The card blocks in a pasted mail, each as one clean text that the node can read. Signs of quoting (`>`, `|`) and
 * indents before a line go, and so do the traces of quoted-printable; lines may be wrapped in any way. What is between
 * the two marks is not judged here. Throws CliError `no-card`.
 */
export function cardBlocks(text: string): string[] {
  if (text.length > MOST) throw new CliError('no-card')
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace(/^[\s>|]+/, '').trimEnd())
  const blocks: string[] = []
  let open: string[] | undefined
  for (const line of lines) {
    if (line === BEGIN) open = []
    else if (line === END) {
      if (open !== undefined) blocks.push(blockOf(open))
      open = undefined
    } else open?.push(line)
  }
  const distinct = [...new Set(blocks)]
  if (distinct.length === 0 || distinct.length > BLOCKS) throw new CliError('no-card')
  return distinct
}

function blockOf(lines: readonly string[]): string {
  // RFC 2045 §6.7: `=3D` is `=`, and `=` at the end of a line joins it with the next. In clean base64 neither occurs
  // but as padding, which ends it.
  const joined = lines
    .filter((line) => line !== '')
    .map((line, index, all) => (index < all.length - 1 ? line.replace(/=$/, '') : line))
    .join('')
    .replaceAll(/=3D/gi, '=')
  return `${[BEGIN, ...(joined.match(/.{1,64}/g) ?? []), END].join('\n')}\n`
}
