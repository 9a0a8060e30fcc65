import type { Indicator, InstitutionId } from '@tocsin/model'
import type { FeedBulletin, FeedInfo, FeedItem, FeedOptions, RuleItem } from './feed.ts'

/** Items for the tests of this room: one indicator of one bulletin, any part of it replaced. */
export function item(
  type: Indicator['type'],
  value: string,
  bulletin: Partial<FeedBulletin> = {},
  indicator: Partial<Indicator> = {}
): FeedItem {
  return {
    indicator: { type, value, role: 'malicious', ...indicator },
    bulletin: {
      id: '0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11',
      title: 'Hameçonnage messagerie',
      author: 'did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH' as InstitutionId,
      authorName: 'Université de Reims',
      tlp: 'AMBER',
      pap: 'GREEN',
      threat: 'phishing',
      confidence: 80,
      publishedAt: Date.UTC(2026, 10, 24, 9),
      ...bulletin
    }
  }
}

export async function* stream<T>(values: Iterable<T>): AsyncGenerator<T> {
  yield* values
}

export async function text(pieces: AsyncIterable<string>): Promise<string> {
  let all = ''
  for await (const piece of pieces) all += piece
  return all
}

/** The whole document, and the codes of what was refused in order. */
export async function written(
  feed: FeedInfo,
  items: Iterable<FeedItem>,
  options: FeedOptions = {}
): Promise<{ text: string; refused: string[] }> {
  const refused: string[] = []
  const pieces = feed.write(stream(items), {
    ...options,
    onRefused: ({ code, value }) => refused.push(`${code} ${value}`)
  })
  return { text: await text(pieces), refused }
}

/** One carried rule of one bulletin. */
export function carried(kind: RuleItem['rule']['kind'], text: string, bulletin: Partial<FeedBulletin> = {}): RuleItem {
  return { rule: { kind, name: text.slice(0, 20).trim(), text }, bulletin: item('domain', '', bulletin).bulletin }
}

/** The document of a feed of carried rules, and the codes of what was refused in order. */
export async function writtenRules(
  feed: FeedInfo,
  items: readonly RuleItem[],
  options: FeedOptions = {}
): Promise<{ text: string; refused: string[] }> {
  const refused: string[] = []
  const pieces = feed.write(stream([]), {
    ...options,
    rules: stream([items]),
    onRefused: ({ code }) => refused.push(code)
  })
  return { text: await text(pieces), refused }
}
