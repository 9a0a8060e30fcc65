/** Who received what, over which hop, after how long; and for each empty cell the rule that held it back. */
import Table from 'cli-table3'
import type { Player } from './cast.ts'

export interface Cell {
  readonly who: Player
  /** ms from signing to arrival; undefined: not held. */
  readonly after?: number
  /** Who brought it. */
  readonly via?: string
  /** Rule that held it back. */
  readonly rule?: string
  /** As the hop rule says, and as `audience` had announced. */
  readonly right: boolean
}

export interface Row {
  readonly label: string
  readonly by: Player
  readonly cells: readonly Cell[]
}

export function tableOf(columns: readonly Player[], rows: readonly Row[]): string {
  const table = new Table({
    head: ['bulletin', 'author', ...columns.map(({ name }) => name)],
    style: { head: [], border: [] }
  })
  for (const { label, by, cells } of rows) {
    table.push([label, by.name, ...columns.map(({ name }) => cellText(cells.find(({ who }) => who.name === name)))])
  }
  return table.toString()
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return 'author'
  const mark = cell.right ? '' : ' !! WRONG'
  if (cell.after === undefined) return `—  ${cell.rule ?? '?'}${mark}`
  return `${cell.after} ms ← ${cell.via ?? '?'}${mark}`
}
