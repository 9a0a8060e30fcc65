/**
 * A text after some edits (defanging undone, tags removed, entities decoded) that still knows where each of its
 * characters stood in the source. All offsets are UTF-16 code units.
 */
export interface Edited {
  readonly text: string
  /** The half-open range of the source that yielded the half-open range `[start, end)` of `text`. */
  range(start: number, end: number): readonly [number, number]
  /** True when an edit that was made with `mark` lies inside `[start, end)` of `text`: somebody defanged this on purpose. */
  marked(start: number, end: number): boolean
}

/** Collects edits from left to right; what lies between two edits is kept as it is. */
export interface Editor {
  replace(from: number, to: number, by: string, mark?: boolean): void
  finish(): Edited
}

/** Starts editing `source`. Edits must come in order and must not overlap. */
export function createEditor(source: string): Editor {
  const pieces: string[] = []
  // Parallel arrays, one row per edit: position and length in the result, range in the source.
  const at: number[] = []
  const length: number[] = []
  const from: number[] = []
  const to: number[] = []
  const marks: number[] = []
  let copied = 0
  let written = 0

  return {
    replace(start, end, by, mark = false) {
      if (start > copied) {
        pieces.push(source.slice(copied, start))
        written += start - copied
      }
      at.push(written)
      length.push(by.length)
      from.push(start)
      to.push(end)
      if (mark) marks.push(written)
      if (by !== '') pieces.push(by)
      written += by.length
      copied = end
    },
    finish() {
      pieces.push(source.slice(copied))
      const text = pieces.join('')
      return {
        text,
        range(start, end) {
          const first = sourceOf(start, false)
          const last = end > start ? sourceOf(end - 1, true) : first
          return [first, Math.max(first, last)]
        },
        marked(start, end) {
          const found = marks[lowerBound(marks, start)]
          return found !== undefined && found < end
        }
      }
    }
  }

  /** Where the character at `position` of the result begins (or ends) in the source. */
  function sourceOf(position: number, wantsEnd: boolean): number {
    const row = lowerBound(at, position + 1) - 1
    const rowAt = at[row]
    if (rowAt === undefined) return wantsEnd ? position + 1 : position
    const inside = position - rowAt
    const rowLength = length[row] ?? 0
    const rowTo = to[row] ?? 0
    if (inside < rowLength) return wantsEnd ? rowTo : (from[row] ?? 0)
    const start = rowTo + inside - rowLength
    return wantsEnd ? start + 1 : start
  }
}

/** An `Edited` over an `Edited`: offsets go through both, back to the first source. */
export function stack(lower: Edited, upper: Edited): Edited {
  return {
    text: upper.text,
    range(start, end) {
      const [from, to] = upper.range(start, end)
      return lower.range(from, to)
    },
    marked: upper.marked
  }
}

/** The first index whose value is at least `wanted`, in an ascending list. */
function lowerBound(list: readonly number[], wanted: number): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((list[middle] ?? 0) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
