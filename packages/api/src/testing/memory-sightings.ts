/** What is said of indicators in the node in memory. */
import { createHash } from 'node:crypto'
import { guessTypes, type Tlp, TocsinError, tlpAtMost } from '@tocsin/model'
import type { ApiPorts, SightingInput } from '../ports.ts'
import type { AudienceView } from '../publish-views.ts'
import type { Reader } from '../reader.ts'
import type { SightingView } from '../sighting-views.ts'
import type { BulletinView, InstitutionView } from '../views.ts'
import { INSTITUTIONS } from './institutions.ts'

export interface MemorySightings {
  readonly ports: ApiPorts['sightings']
  /** So many institutions told us alone that they saw this value. */
  hear(value: string, institutions: number): void
  /** Somebody else's word arrives, in a stream of the bulletin's TLP unless it says another. */
  say(input: SightingInput & { readonly tlp?: Tlp }, by?: InstitutionView): void
}

const ALL: Reader = { token: '', scope: 'admin', maxTlp: 'RED', use: 'hunt' }
const entryOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export function createMemorySightings(deps: {
  readonly visible: (reader: Reader) => readonly BulletinView[]
  readonly audience: (tlp: Tlp, to: readonly string[]) => AudienceView
  readonly arrival: () => number
}): MemorySightings {
  const { visible, audience, arrival } = deps
  const heard = new Map<string, number>()
  const said: SightingView[] = []

  function about({ value, bulletin }: SightingInput, reader: Reader): BulletinView {
    const values = guessTypes(value).map((it) => it.value)
    const holders = visible(reader).filter((view) => view.indicators.some((it) => values.includes(it.value)))
    const named = holders.filter((view) => bulletin === undefined || view.id.startsWith(bulletin))
    if (named.length > 1) {
      throw new TocsinError('ambiguous-bulletin', 'several bulletins hold this value', {
        bulletins: named.map(({ id, title }) => ({ id, title }))
      })
    }
    if (named[0] === undefined) throw new TocsinError('not-found', 'no bulletin holds this value')
    return named[0]
  }

  function keep(view: BulletinView, input: SightingInput, { tlp, by }: { tlp: Tlp; by: InstitutionView }): number {
    const values = guessTypes(input.value).map((it) => it.value)
    const found = view.indicators.find((it) => values.includes(it.value))
    const at = arrival()
    const now = new Date().toISOString()
    said.push({
      arrival: at,
      bulletin: view.id,
      author: view.author,
      type: found?.type ?? '',
      value: found?.value ?? '',
      defanged: found?.defanged ?? '',
      kind: input.kind,
      count: input.count ?? 1,
      ...(input.comment === undefined ? {} : { comment: input.comment }),
      tlp,
      by,
      signedAt: now,
      receivedAt: now
    })
    return at
  }

  return {
    hear: (value, institutions) => {
      heard.set(value, institutions)
    },
    say: ({ tlp, ...input }, by = INSTITUTIONS.valenciennes) => {
      const view = about(input, ALL)
      keep(view, input, { tlp: tlp ?? view.tlp, by })
    },
    ports: {
      async list({ author, since = 0, until = Number.POSITIVE_INFINITY, cursor = '0', limit }, reader) {
        const shown = new Set(visible(reader).map(({ id }) => id))
        const all = said.filter((one) => {
          const at = Date.parse(one.receivedAt)
          const isAsked = author === undefined || [one.author.id, one.author.name].includes(author)
          const isSeen = shown.has(one.bulletin) && tlpAtMost(one.tlp, reader.maxTlp)
          return isAsked && isSeen && at >= since && at <= until && one.arrival > Number(cursor)
        })
        const items = all.slice(0, limit)
        const last = items.at(-1)
        return { items, ...(last === undefined || all.length <= limit ? {} : { next: String(last.arrival) }) }
      },
      async add(input, reader) {
        const bulletin = about(input, reader)
        const isPrivate = input.private === true
        const told = isPrivate ? audience('RED', [bulletin.author.name]) : audience(bulletin.tlp, [])
        const at = keep(bulletin, input, { tlp: told.tlp, by: INSTITUTIONS.reims })
        return { entry: entryOf(`sighting ${at}`), bulletin: bulletin.id, audience: told }
      },
      async count({ value, bulletin, least = 3 }, reader, { dryRun }) {
        const values = guessTypes(value).map((it) => it.value)
        const found = visible(reader).find(
          (view) =>
            view.indicators.some((it) => values.includes(it.value)) &&
            (bulletin === undefined || view.id.startsWith(bulletin))
        )
        if (found === undefined) throw new TocsinError('not-found', 'no bulletin holds this value')
        const contributors = Math.max(0, ...values.map((it) => heard.get(it) ?? 0))
        const refused = contributors < least ? { refused: 'too-few-contributors' } : {}
        if (!dryRun && contributors < least) throw new TocsinError('too-few-contributors', 'too few told us')
        const entries = dryRun ? [] : [entryOf(`count ${arrival()}`)]
        const told = audience(found.tlp, [])
        return { bulletin: found.id, contributors, published: [], least, dryRun, ...refused, audience: told, entries }
      }
    }
  }
}
