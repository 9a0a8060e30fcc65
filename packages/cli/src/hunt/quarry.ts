/** What is hunted: the indicators of the node's feed, made ready to be found, and which bulletins say them. */
import type { HuntIndex } from '@tocsin/hunt'
import type { IndicatorType, Pap, Threat, Tlp } from '@tocsin/model'
import type { Client, Query } from '../client.ts'
import type { HuntRoom } from '../env.ts'
import { CliError } from '../errors.ts'
import { linesOf } from '../lines.ts'

/** A bulletin as the feed names it. */
export interface QuarryBulletin {
  readonly id: string
  readonly title: string
  readonly author: string
  readonly authorName: string
  readonly tlp: Tlp
  readonly pap: Pap
  readonly threat: Threat
  readonly confidence: number
}

export interface Quarry {
  readonly index: HuntIndex
  /** How many indicators are hunted. */
  readonly count: number
  indicator(number: number): { readonly type: IndicatorType; readonly value: string }
  /** Those that say an indicator, best first. */
  bulletins(number: number): readonly QuarryBulletin[]
}

/** One line of the feed `json`. */
interface Line {
  readonly type: IndicatorType
  readonly value: string
  readonly role: 'malicious' | 'context'
  readonly bulletins: readonly QuarryBulletin[]
}

/**
 * Fetches what this token may hunt. The node has applied the use rule and taken out what is retracted, disabled or
 * contested; what stands as context is left out here, since a find is an alert. Throws CliError `node-answer-unreadable`,
 * Problem.
 */
export async function fetchQuarry(client: Client, hunt: HuntRoom, filters: Query): Promise<Quarry> {
  const answer = await client.open('/v1/feeds/json', { types: hunt.HUNTED_TYPES, ...filters, use: 'hunt' })
  const builder = hunt.createIndexBuilder()
  const bulletins: QuarryBulletin[] = []
  const places = new Map<string, number>()
  const said = createList()
  const from = createList()
  let isWhole = false
  for await (const text of linesOf(answer.body)) {
    if (text === ']}') isWhole = true
    if (!text.startsWith('{"type"')) continue
    const line = readLine(text)
    if (line.role === 'context' || !hunt.isHunted(line.type)) continue
    builder.add(line.type, line.value)
    from.push(said.length)
    for (const bulletin of line.bulletins) said.push(placeOf(bulletin))
  }
  // A feed that fails on its way is cut, never complete and short.
  if (!isWhole) throw new CliError('node-answer-unreadable')
  from.push(said.length)

  function placeOf(bulletin: QuarryBulletin): number {
    const known = places.get(bulletin.id)
    if (known !== undefined) return known
    places.set(bulletin.id, bulletins.length)
    return bulletins.push(bulletin) - 1
  }

  const index = builder.build()
  return quarryOf(hunt, index, { bulletins, from: from.array(), said: said.array() })
}

/** Which bulletins say which indicator: those at `said[from[n]]` up to `said[from[n + 1]]`. */
interface Said {
  readonly bulletins: readonly QuarryBulletin[]
  readonly from: Uint32Array
  readonly said: Uint32Array
}

function quarryOf(hunt: HuntRoom, index: HuntIndex, { bulletins, from, said }: Said): Quarry {
  return {
    index,
    count: index.types.length,
    indicator: (number) => hunt.indicatorAt(index, number),
    bulletins: (number) => [...said.subarray(from[number], from[number + 1])].flatMap((place) => bulletins[place] ?? [])
  }
}

function readLine(text: string): Line {
  try {
    return JSON.parse(text.endsWith(',') ? text.slice(0, -1) : text) as Line
  } catch {
    throw new CliError('node-answer-unreadable')
  }
}

/** Whole numbers in a row, four bytes each: a million of them would be too much as objects. */
function createList(): { push(value: number): void; readonly length: number; array(): Uint32Array } {
  let values = new Uint32Array(1 << 10)
  let length = 0
  return {
    push(value) {
      if (length === values.length) {
        const wider = new Uint32Array(length * 2)
        wider.set(values)
        values = wider
      }
      values[length++] = value
    },
    get length() {
      return length
    },
    array: () => values.slice(0, length)
  }
}
