import type { Log } from './log.ts'
import type { Scanner } from './scan.ts'

/** One indicator at one place of a log. */
export interface Find {
  /** Number of the indicator in its index. */
  readonly indicator: number
  /** From 1. */
  readonly line: number
  /** Bytes before the find in the log, unpacked. */
  readonly offset: number
  /** What was found as the log writes it; bytes that are no UTF-8 are replaced. */
  readonly text: string
  /** Around it in the same line, at most `context` bytes each. */
  readonly before: string
  readonly after: string
}

export interface SearchOptions {
  /** Bytes of the line shown before and after a find. */
  readonly context?: number
  readonly onFind: (find: Find) => void
  /** Called after each block with how many bytes of text were searched. */
  readonly onProgress?: (bytes: number) => void
}

/** What a search went through. */
export interface Searched {
  readonly lines: number
  readonly bytes: number
}

/** Searched at once. A line that is longer is cut at a blank, or anywhere if it has none near its end. */
const BLOCK = 1024 * 1024
/** How far back from a block's end a blank is looked for. */
const BLANK_WITHIN = 64 * 1024
const LINE_END = 10

/** Searches one log to its end, in the order of its bytes and in constant memory. Throws what reading it throws. */
export async function searchLog(log: Log, scanner: Scanner, options: SearchOptions): Promise<Searched> {
  // One byte more than a block: whatever is searched has a separator behind it.
  const buffer = Buffer.alloc(BLOCK + 1)
  const room = buffer.subarray(0, BLOCK)
  let have = 0
  let offset = 0
  let lines = 0
  let isOpen = false
  for (;;) {
    const got = await log.read(room, have)
    have += got
    const end = got === 0 ? have : cutOf(buffer, have, got)
    if (end > 0) {
      const behind = buffer[end] as number
      buffer[end] = 0
      lines += searchBlock(buffer.subarray(0, end + 1), { offset, lines }, scanner, options)
      isOpen = buffer[end - 1] !== LINE_END
      buffer[end] = behind
      buffer.copyWithin(0, end, have)
      have -= end
      offset += end
      options.onProgress?.(offset)
    }
    if (got === 0) return { lines: lines + (isOpen ? 1 : 0), bytes: offset }
  }
}

/** How many bytes can be searched now: whole lines, or most of a line that fills the block; 0 to read on. */
function cutOf(buffer: Buffer, have: number, got: number): number {
  const line = buffer.subarray(have - got, have).lastIndexOf(LINE_END)
  if (line >= 0) return have - got + line + 1
  if (have < BLOCK) return 0
  for (let at = have - 1; at > have - BLANK_WITHIN; at -= 1)
    if (buffer[at] === 0x20 || buffer[at] === 0x09) return at + 1
  return have
}

/** Searches a block, which ends in a separator of ours, and tells how many lines end in it. */
function searchBlock(
  block: Buffer,
  before: { readonly offset: number; readonly lines: number },
  scanner: Scanner,
  { context = 0, onFind }: SearchOptions
): number {
  const end = block.length - 1
  const finds: { readonly indicator: number; readonly start: number; readonly stop: number }[] = []
  scanner.scan(block, 0, end, (indicator, start, stop) => finds.push({ indicator, start, stop }))
  finds.sort((a, b) => a.start - b.start || a.stop - b.stop || a.indicator - b.indicator)
  let lines = 0
  let at = block.indexOf(LINE_END)
  let from = 0
  for (const { indicator, start, stop } of finds) {
    for (; at >= 0 && at < start; at = block.indexOf(LINE_END, from)) {
      lines += 1
      from = at + 1
    }
    const last = at < 0 ? end : at
    onFind({
      indicator,
      line: before.lines + lines + 1,
      offset: before.offset + start,
      text: block.toString('utf8', start, stop),
      before: block.toString('utf8', Math.max(from, start - context), start),
      after: block.toString('utf8', stop, Math.min(last, stop + context)).replace(/\r$/, '')
    })
  }
  for (; at >= 0; at = block.indexOf(LINE_END, at + 1)) lines += 1
  return lines
}
