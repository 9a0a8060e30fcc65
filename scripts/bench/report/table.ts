/** The one table, for a terminal and for Markdown. */
import Table from 'cli-table3'
import { digits, type Spread } from '../figures.ts'
import { type Row, ratioOf } from '../work.ts'

const HEAD = ['work', 'ours', 'reference', 'ratio', 'budget', 'met']

export function tableText(rows: readonly Row[]): string {
  const table = new Table({
    head: HEAD,
    style: { head: [], border: [] },
    colWidths: [50, 26, 32, 10, 24, 5],
    wordWrap: true
  })
  for (const row of rows) table.push(cellsOf(row))
  return table.toString()
}

export function tableMarkdown(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(HEAD), '|---|---|---|---|---|---|', ...rows.map((row) => line(cellsOf(row)))].join('\n')
}

function cellsOf(row: Row): string[] {
  const { work, unit, ours, reference, budget } = row
  const ratio = ratioOf(row)
  return [
    work,
    figure(ours, unit),
    reference === undefined ? '' : `${reference.name}: ${figure(reference.value, unit)}${quoted(reference.quoted)}`,
    ratio === undefined ? '' : `${digits(ratio)} ×${reference?.as === 'faster' ? '' : ' of it'}`,
    budget?.text ?? '',
    budget === undefined ? '' : budget.met ? 'yes' : 'NO'
  ]
}

function figure({ median, least, most, times }: Spread, unit: string): string {
  const middle = `${digits(median)} ${unit}`
  return times === 1 || digits(least) === digits(most) ? middle : `${middle} (${digits(least)}–${digits(most)})`
}

const quoted = (isQuoted: true | undefined): string => (isQuoted === undefined ? '' : ' (not the same run)')
