/**
 * A client that takes the word of TAXII 2.1 for it, and no less than what known clients demand: taxii2client wants every
 * part of the media type and certain fields, Elastic's sends `next` alone and keeps the last header for its next poll.
 */
import { expect } from 'vitest'

export const MEDIA = 'application/taxii+json;version=2.1'
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

export interface Stix {
  readonly type: string
  readonly id: string
  readonly created: string
  readonly modified?: string
  readonly pattern?: string
  readonly name?: string
  readonly revoked?: boolean
  readonly valid_until?: string
  readonly created_by_ref?: string
  readonly object_marking_refs?: readonly string[]
  readonly object_refs?: readonly string[]
  readonly sighting_of_ref?: string
  readonly where_sighted_refs?: readonly string[]
  readonly [name: string]: unknown
}

export interface Envelope {
  readonly more: boolean
  readonly next?: string
  readonly objects: readonly Stix[]
}

export interface Answered<T> {
  readonly body: T
  /** X-TAXII-Date-Added-First and -Last. */
  readonly first: string | null
  readonly last: string | null
}

export interface TaxiiClient {
  /** A resource; fails on anything but 200 of our media type. */
  get<T>(path: string): Promise<Answered<T>>
  raw(path: string, headers?: Record<string, string>): Promise<Response>
  page(collection: string, query: Record<string, string>): Promise<Answered<Envelope>>
  /** As Elastic polls: everything after a moment (µs text), by `next` and nothing else, then the moment to keep. */
  poll(
    collection: string,
    options: { readonly since?: string; readonly limit: number; readonly onPage?: () => Promise<void> }
  ): Promise<{ readonly pages: readonly (readonly Stix[])[]; readonly since: string | undefined }>
}

export function taxiiClient(base: string, secret: string): TaxiiClient {
  const raw = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${base}${path}`, { headers: { authorization: `Bearer ${secret}`, accept: MEDIA, ...headers } })

  async function get<T>(path: string): Promise<Answered<T>> {
    const response = await raw(path)
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`)
    expect(response.headers.get('content-type')).toBe(MEDIA)
    const first = response.headers.get('x-taxii-date-added-first')
    const last = response.headers.get('x-taxii-date-added-last')
    for (const moment of [first, last]) if (moment !== null) expect(moment).toMatch(MOMENT)
    return { body: JSON.parse(text) as T, first, last }
  }

  async function page(collection: string, query: Record<string, string>): Promise<Answered<Envelope>> {
    const answer = await get<Envelope>(
      `/taxii2/tocsin/collections/${collection}/objects/?${new URLSearchParams(query).toString()}`
    )
    const { more, next, objects } = answer.body
    expect(typeof more).toBe('boolean')
    expect(Array.isArray(objects)).toBe(true)
    expect(more).toBe(next !== undefined)
    if (query.limit !== undefined) expect(objects.length).toBeLessThanOrEqual(Number(query.limit))
    if (objects.length > 0) expect(answer.first).not.toBeNull()
    if (query.added_after !== undefined) {
      expect(answer.last).not.toBeNull()
      expect((answer.last ?? '') >= query.added_after).toBe(true)
      if (answer.first !== null) expect(answer.first > query.added_after).toBe(true)
    }
    return answer
  }

  return {
    raw,
    get,
    page,
    poll: async (collection, { since, limit, onPage }) => {
      const pages: (readonly Stix[])[] = []
      let query: Record<string, string> = {
        limit: String(limit),
        ...(since === undefined ? {} : { added_after: since })
      }
      let kept = since
      for (;;) {
        const { body, last } = await page(collection, query)
        pages.push(body.objects)
        kept = last ?? kept
        if (body.next === undefined) return { pages, since: kept }
        await onPage?.()
        query = { limit: String(limit), next: body.next }
      }
    }
  }
}
