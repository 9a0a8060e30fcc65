import type { Writable } from 'node:stream'
import Table from 'cli-table3'
import { safeJson, safeLine, safeText } from './safe.ts'

/** Where a command writes: results on standard output, everything about them on standard error. */
export interface Screen {
  /** One line of the result. */
  line(text?: string): void
  /** Several lines of the result, indented by `indent` spaces. */
  text(text: string, indent?: number): void
  /** A result as JSON. */
  json(value: unknown, indent?: number): void
  table(head: readonly string[], rows: readonly (readonly string[])[]): void
  /** Names and values, one a line. */
  facts(rows: readonly (readonly [string, string])[]): void
  /** One line about the result: for people, never for a pipe. */
  note(text: string): void
}

const LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  '
}

/** Rows in columns without frames, so that grep, cut and awk read them as people do. */
export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 }
  const table = new Table({ ...(head.length === 0 ? {} : { head: head.map(safeLine) }), chars: LINES, style })
  for (const row of rows) table.push(row.map(safeLine))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Creates a screen on two streams. Everything passes the same filter: nothing on it can steer a terminal. */
export function createScreen(stdout: Writable, stderr: Writable): Screen {
  const write = (text: string) => stdout.write(`${text}\n`)
  return {
    line: (text = '') => write(safeLine(text)),
    text: (text, indent = 0) =>
      write(
        safeText(text)
          .split('\n')
          .map((line) => `${' '.repeat(indent)}${line}`.trimEnd())
          .join('\n')
      ),
    json: (value, indent) => write(safeJson(value, indent)),
    table: (head, rows) => write(tableText(head, rows)),
    facts: (rows) => write(tableText([], rows)),
    note: (text) => stderr.write(`${safeLine(text)}\n`)
  }
}
