import { createHash } from 'node:crypto'
import type { InstitutionId, Tlp } from '@tocsin/model'
import { type FeedInfo, type FeedOptions, type FeedSource, PIECE } from '../feed.ts'
import { rowsOf } from '../rows.ts'
import { idOf } from '../stix/ids.ts'
import { tlpMarking } from '../stix/marking.ts'
import { identityObject, type OwnOfIndicator, ownOfIndicator, sharedOfIndicators } from '../stix/objects.ts'
import { PATTERN_TYPES } from '../stix/pattern.ts'
import { escapeInvisible } from '../text.ts'

/**
 * One bundle of STIX 2.1, one object a line: an indicator for each value of each bulletin, and before the first that needs
 * them its author and its TLP 2.0 marking. The reports stand in the TAXII collections, which go bulletin by bulletin.
 */
export const STIX: FeedInfo = {
  name: 'stix',
  title: { en: 'STIX 2.1 bundle', fr: 'Lot STIX 2.1' },
  mediaType: 'application/stix+json;version=2.1',
  extension: 'json',
  use: 'detect',
  actsAtOnce: false,
  says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence', 'comment'],
  types: PATTERN_TYPES,
  options: [],
  write
}

async function* write(items: FeedSource, options: FeedOptions = {}): AsyncGenerator<string> {
  const marked = new Set<Tlp>()
  const named = new Set<InstitutionId>()
  let piece = '{"type":"bundle"'
  let separator = ',"objects":[\n'
  // A bundle's id says what is in it: the same objects make the same document.
  const content = createHash('sha1')
  let ids = ''
  let isEmpty = true

  const add = (object: { readonly id: string }): void => {
    piece += separator + escapeInvisible(JSON.stringify(object))
    separator = ',\n'
  }

  for await (const rows of rowsOf(items, STIX, options)) {
    for (const row of rows) {
      for (const { indicator, bulletin } of row.items) {
        // An indicator is there to be matched, and a context value says nothing against whoever matches it.
        const own = indicator.role === 'context' ? undefined : ownOfIndicator(indicator, bulletin)
        if (own === undefined) {
          const code = indicator.role === 'context' ? 'context-indicator' : 'value-unsafe'
          const { type, value } = indicator
          options.onRefused?.({ code, type, value, bulletin: { id: bulletin.id, author: bulletin.author } })
          continue
        }
        if (!marked.has(bulletin.tlp)) add(tlpMarking(bulletin.tlp))
        if (!named.has(bulletin.author)) add(identityObject(bulletin.author, bulletin.authorName))
        marked.add(bulletin.tlp)
        named.add(bulletin.author)
        piece += separator + lineOf(own, sharedOfIndicators(bulletin))
        ids += own.id
        isEmpty = false
        if (piece.length < PIECE) continue
        content.update(ids)
        yield piece
        piece = ''
        ids = ''
      }
    }
  }
  content.update(ids)
  yield `${piece}${isEmpty ? '' : '\n]'},"id":"${idOf('bundle', content.digest('hex'))}"}\n`
}

/** The same text stands in every indicator of a bulletin. */
const texts = new WeakMap<object, string>()

function lineOf(own: OwnOfIndicator, shared: object): string {
  let text = texts.get(shared)
  if (text === undefined) {
    text = escapeInvisible(JSON.stringify(shared)).slice(0, -1)
    texts.set(shared, text)
  }
  return `${text},${escapeInvisible(JSON.stringify(own)).slice(1)}`
}
