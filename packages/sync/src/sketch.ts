import { sha256Hex, utf8 } from '@tocsin/journal'
import { MARK_BYTES, MAX_LISTED, SKETCH_BYTES, SKETCH_CELL_BYTES, SKETCH_HASHES, SKETCH_PART } from './constants.ts'
import { ROW_BYTES, writeRow } from './digest.ts'
import type { Row } from './ports.ts'

/**
 * A set of rows in about 200 bytes, however many they are: the other side subtracts its own and reads off what differs, as
 * long as that is little (Eppstein, Goodrich, Uyeda, Varghese, “What's the difference?”, SIGCOMM 2011, there an invertible
 * Bloom filter). So one missed entry costs the same in a scope of ten streams and in one of a thousand.
 */
export function sketchOf(marked: Marked): Uint8Array {
  // Of few rows the marks themselves: exact, and shorter. No number of marks is as long as the cells.
  if (marked.size <= MAX_LISTED) return writeMarks([...marked.keys()].sort((a, b) => a - b))
  const cells = Buffer.alloc(SKETCH_BYTES)
  for (const mark of marked.keys()) toggle(cells, mark)
  return new Uint8Array(cells)
}

/** Rows by their marks. */
export type Marked = ReadonlyMap<number, Row>

const DOMAIN = utf8('tocsin/mark/1\0')
const CELLS = SKETCH_HASHES * SKETCH_PART
const HIGH = 2 ** 32

/**
 * Rows by mark: the first 6 bytes of SHA-256('tocsin/mark/1\0' ‖ salt ‖ row as in `digestOf`), as an integer. The salt is
 * drawn for each comparison, so that no author can grind an entry whose mark is that of another.
 */
export function markRows(rows: readonly Row[], salt: Uint8Array): Marked {
  const start = DOMAIN.length + salt.length
  const bytes = Buffer.alloc(start + ROW_BYTES)
  bytes.set(DOMAIN)
  bytes.set(salt, DOMAIN.length)
  const marked = new Map<number, Row>()
  for (const row of rows) {
    writeRow(bytes, row, start)
    // By way of hex: a Hash object for each of thousands of rows costs three times its hash (measured).
    marked.set(Number.parseInt(sha256Hex(bytes).slice(0, 2 * MARK_BYTES), 16), row)
  }
  return marked
}

/** What only one side has: rows of ours, marks of theirs. Undefined where the sketch cannot tell, or is no sketch. */
export function differenceOf(
  ours: Marked,
  sketch: Uint8Array
): { readonly ours: Row[]; readonly theirs: number[] } | undefined {
  if (sketch.length === SKETCH_BYTES) return peel(ours, sketch)
  const theirs = new Set(readMarks(sketch))
  return {
    ours: [...ours].flatMap(([mark, row]) => (theirs.has(mark) ? [] : [row])),
    theirs: [...theirs].filter((mark) => !ours.has(mark))
  }
}

/** Integers of 6 bytes, one after another. */
export function writeMarks(marks: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(marks.length * MARK_BYTES)
  for (const [index, mark] of marks.entries()) bytes.writeUIntBE(mark, index * MARK_BYTES, MARK_BYTES)
  return new Uint8Array(bytes)
}

export function readMarks(bytes: Uint8Array): number[] {
  const from = Buffer.from(bytes)
  return Array.from({ length: bytes.length / MARK_BYTES }, (_, index) =>
    from.readUIntBE(index * MARK_BYTES, MARK_BYTES)
  )
}

/** Takes the cells apart: one that holds a single mark gives it away, which leaves another cell with a single one. */
function peel(ours: Marked, theirs: Uint8Array): { readonly ours: Row[]; readonly theirs: number[] } | undefined {
  const cells = Buffer.from(theirs)
  for (const mark of ours.keys()) toggle(cells, mark)
  const found = new Set<number>()
  for (let cell = 0; cell < CELLS; ) {
    const mark = single(cells, cell)
    if (mark === undefined) {
      cell++
      continue
    }
    // A hostile sketch could give the same mark in turns for ever; an honest one does not give it twice.
    if (found.has(mark) || found.size >= CELLS) return undefined
    found.add(mark)
    toggle(cells, mark)
    cell = 0
  }
  if (cells.some((byte) => byte !== 0)) return undefined
  const known = [...found].map((mark) => ({ mark, row: ours.get(mark) }))
  return {
    ours: known.flatMap(({ row }) => (row === undefined ? [] : [row])),
    theirs: known.flatMap(({ mark, row }) => (row === undefined ? [mark] : []))
  }
}

/** The mark of a cell that holds one alone: its check fits, and it belongs there. */
function single(cells: Buffer, cell: number): number | undefined {
  const at = cell * SKETCH_CELL_BYTES
  const mark = cells.readUIntBE(at, MARK_BYTES)
  if (mark === 0 || cells.readUInt16BE(at + MARK_BYTES) !== checkOf(mark)) return undefined
  return cellOf(mark, Math.floor(cell / SKETCH_PART)) === cell ? mark : undefined
}

/** Adds a mark to its cells, or takes it out: XOR is both. */
function toggle(cells: Buffer, mark: number): void {
  const high = Math.floor(mark / HIGH)
  const low = mark % HIGH
  const check = checkOf(mark)
  for (let part = 0; part < SKETCH_HASHES; part++) {
    const at = cellOf(mark, part) * SKETCH_CELL_BYTES
    cells.writeUInt16BE(cells.readUInt16BE(at) ^ high, at)
    cells.writeUInt32BE((cells.readUInt32BE(at + 2) ^ low) >>> 0, at + 2)
    cells.writeUInt16BE(cells.readUInt16BE(at + MARK_BYTES) ^ check, at + MARK_BYTES)
  }
}

/** One cell of each part: byte `part` of the mark, modulo the cells of a part. */
function cellOf(mark: number, part: number): number {
  return part * SKETCH_PART + ((Math.floor(mark / 2 ** (8 * (MARK_BYTES - 1 - part))) % 256) % SKETCH_PART)
}

/** (a · b + c) mod 65,521 of the three 16-bit parts: no XOR of checks is the check of the XOR, but by chance. */
function checkOf(mark: number): number {
  const low = mark % HIGH
  return (Math.floor(mark / HIGH) * (low >>> 16) + (low & 0xffff)) % 65_521
}
