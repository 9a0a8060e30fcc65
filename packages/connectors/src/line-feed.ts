import type { FeedRefusalCode } from './errors.ts'
import { type FeedComments, type FeedInfo, type FeedOptions, type FeedSource, PIECE } from './feed.ts'
import { isNormal } from './normal.ts'
import { type FeedRow, refuseRow, rowsOf } from './rows.ts'
import { createTraces } from './trace.ts'

/** What a row becomes: lines with their ends, none if what it says is said already, or why it cannot be said. */
export type Lines = string | { readonly code: FeedRefusalCode }

/** A format of lines: one or more for each value, with its traces on comment lines above, if it has any. */
export interface LineFormat extends Omit<FeedInfo, 'write' | 'options'> {
  readonly options?: FeedInfo['options']
  /** What begins a comment line, the space behind it included; absent where the consumer knows no comment lines. */
  readonly comment?: string
  /** Traces unless the caller says otherwise; `above` if absent. */
  readonly traces?: (row: FeedRow) => readonly string[]
  readonly head?: (options: FeedOptions) => string
  /** A fresh writer for each run, so that it may remember what it wrote. Values are in normal form. */
  readonly writer: (options: FeedOptions) => LineWriter
}

export interface LineWriter {
  line(row: FeedRow): Lines
  /** What closes the document. */
  end?(): string
}

/** The writer of formats that remember nothing. */
export function plain(line: (row: FeedRow, comments: FeedComments | undefined) => Lines): LineFormat['writer'] {
  return (options) => ({ line: (row) => line(row, options.comments) })
}

export const refuse = (code: FeedRefusalCode): Lines => ({ code })

/** Makes a feed of a format of lines. */
export function lineFeed(format: LineFormat): FeedInfo {
  const { comment, traces, head, writer, options, ...row } = format
  const info = { ...row, options: options ?? (comment === undefined ? [] : (['comments'] as const)) }
  return { ...info, write: (items, options = {}) => write(items, options) }

  async function* write(items: FeedSource, options: FeedOptions): AsyncGenerator<string> {
    const lines = writer(options)
    const traceOf = comment === undefined || options.comments === 'none' ? undefined : createTraces(comment, traces)
    let piece = head?.(options) ?? ''
    let trace = ''
    for await (const rows of rowsOf(items, info, options)) {
      for (const row of rows) {
        const made = isNormal(row.type, row.value) ? lines.line(row) : refuse('value-unsafe')
        if (typeof made !== 'string') {
          refuseRow(row, made.code, options)
          continue
        }
        if (traceOf !== undefined && made !== '') {
          const own = traceOf(row)
          if (own !== trace) piece += own
          trace = own
        }
        piece += made
        if (piece.length < PIECE) continue
        yield piece
        piece = ''
      }
    }
    piece += lines.end?.() ?? ''
    if (piece !== '') yield piece
  }
}
