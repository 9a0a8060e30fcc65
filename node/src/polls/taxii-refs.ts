/** What the objects of a page refer to and the page does not hold: a marking that came years ago labels what comes today. */
import { NodeError } from '../errors.ts'
import type { Answer } from './fetch.ts'

type StixObject = Readonly<Record<string, unknown>>

/** Looked up for one page: markings first, then authors, then what reports name. */
const MAX_REFS = 300
/** Of one request: an address of some 3,000 octets. */
const AT_ONCE = 50
/** Kept over the pages of one round. */
const MAX_HELD = 2_000

const ID = /^[a-z][a-z0-9-]{1,100}--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const CONTAINERS: ReadonlySet<unknown> = new Set(['report', 'grouping'])

/** The objects of these ids that the collection has; undefined where it does not say. */
export type LookUp = (ids: readonly string[]) => Promise<readonly unknown[] | undefined>

/** For one round: what a page lacks, looked up once. */
export function createRefs(lookUp: LookUp): (objects: readonly unknown[]) => Promise<readonly StixObject[]> {
  const held = new Map<string, StixObject | undefined>()
  return async (objects) => {
    const wanted = missingIn(objects).slice(0, MAX_REFS)
    if (held.size > MAX_HELD) held.clear()
    const unknown = wanted.filter((id) => !held.has(id))
    for (let at = 0; at < unknown.length; at += AT_ONCE) {
      const ids = unknown.slice(at, at + AT_ONCE)
      for (const id of ids) held.set(id, undefined)
      for (const object of (await lookUp(ids)) ?? []) {
        // Nothing that was not asked for: it would be read as if it had come with the page.
        if (isObject(object) && ids.includes(String(object.id))) held.set(String(object.id), object)
      }
    }
    return wanted.map((id) => held.get(id)).filter((it) => it !== undefined)
  }
}

/** Ids that are referred to and not there, each once. */
function missingIn(objects: readonly unknown[]): string[] {
  const all = objects.filter(isObject)
  const here = new Set(all.map(({ id }) => id))
  const markings = all.flatMap((it) => [
    ...list(it.object_marking_refs),
    ...list(it.granular_markings).map((mark) => (isObject(mark) ? mark.marking_ref : undefined))
  ])
  const authors = all.map(({ created_by_ref: author }) => author)
  const named = all.filter(({ type }) => CONTAINERS.has(type)).flatMap((it) => list(it.object_refs))
  const refs = [...markings, ...authors, ...named].filter((it): it is string => typeof it === 'string' && ID.test(it))
  return [...new Set(refs)].filter((id) => !here.has(id))
}

/** An answer that says nothing of use is none; a server that is away fails the round. */
export async function objectsOf(
  answer: Answer,
  read: (answer: Answer) => Promise<{ readonly envelope: { readonly objects?: readonly unknown[] } }>
): Promise<readonly unknown[] | undefined> {
  if (answer.status !== 200) {
    answer.drop()
    return undefined
  }
  try {
    return (await read(answer)).envelope.objects
  } catch (error) {
    if (error instanceof NodeError && (error.code === 'poll-answer-invalid' || error.code === 'poll-too-large')) return
    throw error
  }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function isObject(value: unknown): value is StixObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
