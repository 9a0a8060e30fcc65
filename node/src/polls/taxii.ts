/** A client of TAXII 2.1: the objects of one collection, on from where it stopped (§§3.4, 5.4). */
import { z } from 'zod'
import { NodeError } from '../errors.ts'
import { wholeText } from './fetch.ts'
import { createRefs, objectsOf } from './taxii-refs.ts'
import { type Cursor, expectOk, type PollWork } from './work.ts'

const MEDIA = 'application/taxii+json;version=2.1'
/** Objects asked for at once; servers give what they give. */
const PAGE = '1000'
/** Of one round; the rest comes with the next. */
const MAX_PAGES = 200
/** Of one page, and of what is looked up for it: together what the import of bundles takes. */
const MAX_PAGE_BYTES = 24 * 1024 * 1024
const MAX_REF_BYTES = 1024 * 1024
const MAX_NEXT = 16_384

const Envelope = z.object({
  more: z.boolean().exactOptional(),
  next: z.string().min(1).max(MAX_NEXT).exactOptional(),
  objects: z.array(z.unknown()).exactOptional()
})

/** `after`: the moment that everything was read up to; `next` and `last`: the page to go on with, and what came before it. */
interface Place {
  readonly after?: string | undefined
  readonly next?: string | undefined
  readonly last?: string | undefined
}

/** @throws NodeError of the table of polls */
export async function pollTaxii(work: PollWork): Promise<void> {
  const base = objectsUrl(work.url)
  let place: Place = work.cursor
  const keep = (now: Place): Promise<void> => {
    place = now
    return work.keep(Object.fromEntries(Object.entries(now).filter(([, value]) => value !== undefined)) as Cursor)
  }
  const refsOf = createRefs(async (ids) =>
    objectsOf(await work.get(idsUrl(base, ids), { accept: MEDIA }, MAX_REF_BYTES), readEnvelope)
  )
  for (let page = 0; page < MAX_PAGES && !work.isFull(); page += 1) {
    const { after, next } = place
    const answer = await work.get(pageUrl(base, place), { accept: MEDIA }, MAX_PAGE_BYTES)
    if (next !== undefined && [400, 404, 410].includes(answer.status)) {
      // A server forgets its `next` in time: what came with it is known when it comes again.
      answer.drop()
      await keep({ after })
      continue
    }
    expectOk(answer)
    const { text, envelope } = await readEnvelope(answer)
    const { objects = [] } = envelope
    if (objects.length > 0) {
      const refs = await refsOf(objects)
      // Behind the page, so that refusals name the places of the page.
      await work.take(one(refs.length === 0 ? text : JSON.stringify({ objects: [...objects, ...refs] })))
    }
    const last = later(place.last ?? after, momentIn(answer.headers['x-taxii-date-added-last']))
    if (envelope.more !== true) return keep({ after: last })
    if (envelope.next === undefined) {
      // §3.4: without `next` the way on is the moment of the last object.
      if (last === undefined || last === after) throw invalid('there is more, and no way to it')
      await keep({ after: last })
    } else if (envelope.next === next) throw invalid('the next page is this one')
    else await keep({ after, next: envelope.next, last })
  }
}

async function readEnvelope({ headers, body, drop }: Awaited<ReturnType<PollWork['get']>>) {
  const type = String(headers['content-type'] ?? '').toLowerCase()
  if (!/^application\/(?:taxii|stix)\+json(?:\s*;|$)/.test(type)) {
    drop()
    throw invalid('the answer is not of TAXII 2.1')
  }
  const text = await wholeText(body)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalid('the answer is not JSON')
  }
  const read = Envelope.safeParse(json)
  if (!read.success) throw invalid('the answer is no envelope')
  return { text, envelope: read.data }
}

const invalid = (message: string): NodeError => new NodeError('poll-answer-invalid', message)

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** `…/collections/ID/objects/`, whichever of the two was given. */
function objectsUrl(url: URL): URL {
  const base = new URL(url)
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  if (!base.pathname.endsWith('/objects/')) base.pathname += 'objects/'
  return base
}

/** With `next` the other parameters stay as they were (§3.4). */
function pageUrl(base: URL, { after, next }: Place): URL {
  const url = new URL(base)
  url.searchParams.set('limit', PAGE)
  if (after !== undefined) url.searchParams.set('added_after', after)
  if (next !== undefined) url.searchParams.set('next', next)
  return url
}

function idsUrl(base: URL, ids: readonly string[]): URL {
  const url = new URL(base)
  url.searchParams.set('match[id]', ids.join(','))
  return url
}

/** A UTC timestamp as the server wrote it, finer than ms as it may be; undefined for anything else. */
function momentIn(header: string | string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header.trim() : ''
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,12})?Z$/.test(text) && Number.isFinite(Date.parse(text))
    ? text
    : undefined
}

/** The later of two moments; what is before it would bring everything again. */
function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return compared(a) >= compared(b) ? a : b
}

/** So that moments of any precision compare as texts. */
const compared = (moment: string): string =>
  moment
    .slice(0, -1)
    .replace(/^(.{19})\.?/, '$1.')
    .padEnd(32, '0')
