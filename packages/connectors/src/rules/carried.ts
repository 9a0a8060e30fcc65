import { hash } from 'node:crypto'
import { mayUse, type Use } from '@tocsin/model'
import { ConnectorError, type FeedRefusalCode } from '../errors.ts'
import { type CarriedKind, type FeedBulletin, type FeedInfo, type FeedOptions, PIECE, type RuleItem } from '../feed.ts'
import { compareUtf8 } from '../order.ts'
import { ruleTraceLine } from '../trace.ts'

/** A rule that was read: what writes it once the file knows its place, or why no file may hold it. */
export type ReadRule = { readonly code: FeedRefusalCode } | { readonly write: (taken: Set<number>) => string }

export interface RuleFormat extends Omit<FeedInfo, 'write' | 'options' | 'types' | 'says' | 'actsAtOnce' | 'rules'> {
  readonly rules: CarriedKind
  readonly limit: number
  readonly limitBytes: number
  /** What begins a comment line, the space behind it included. */
  readonly comment: string
  readonly head: string
  readonly read: (item: RuleItem) => ReadRule
}

/** Rules are run by whatever alerts or hunts, never by what blocks. */
const RULED: ReadonlySet<Use> = new Set(['hunt', 'detect', 'release'])

interface Kept {
  readonly item: RuleItem
  readonly key: string
  readonly bytes: number
  readonly write: (taken: Set<number>) => string
}

/** Makes a feed of a kind of carried rules. A text of a peer is let in whole or not at all, the best first. */
export function ruleFeed(format: RuleFormat): FeedInfo {
  const { read, head, comment, ...row } = format
  const { rules: kind, limitBytes } = row
  return {
    ...row,
    actsAtOnce: false,
    says: ['bulletin', 'author', 'tlp', 'pap', 'threat', 'confidence'],
    types: [],
    options: ['comments'],
    write: (_items, options = {}) => write(options)
  }

  async function* write(options: FeedOptions): AsyncGenerator<string> {
    const [odd] = options.types ?? []
    if (odd !== undefined) {
      throw new ConnectorError('feed-type-not-carried', `the feed ${row.name} carries rules alone`, { type: odd })
    }
    const limit = options.limit ?? row.limit
    if (!(Number.isInteger(limit) && limit > 0)) {
      throw new ConnectorError('feed-number-invalid', 'a limit must be a whole number above 0', { limit })
    }
    const taken = new Set<number>()
    let piece = `${comment}${head}\n`
    for (const { item, write: written } of await bestOf(options, limit)) {
      if (options.comments !== 'none') piece += `${comment}${ruleTraceLine(item.bulletin)}\n`
      piece += written(taken)
      if (piece.length < PIECE) continue
      yield piece
      piece = ''
    }
    if (piece !== '') yield piece
  }

  /** In order, the best first. Holds at most twice what the feed holds, however many come. */
  async function bestOf(options: FeedOptions, limit: number): Promise<readonly Kept[]> {
    const held = new Map<string, Kept>()
    let bytes = 0
    // The best that fell out: what is no better falls out too, so that the order of arrival changes nothing.
    let cut: Kept | undefined
    const trim = (): void => {
      const kept = [...held.values()].sort(compare)
      let room = limitBytes
      let isFull = false
      bytes = 0
      for (const [index, one] of kept.entries()) {
        room -= one.bytes
        isFull ||= index >= limit || room < 0
        if (!isFull) {
          bytes += one.bytes
          continue
        }
        held.delete(one.key)
        if (cut === undefined || compare(one, cut) < 0) cut = one
        refuse(one.item, 'over-limit', options)
      }
    }
    for await (const some of options.rules ?? []) {
      for (const item of some) {
        if (item.rule.kind !== kind) continue
        const made = judge(item, options)
        if ('code' in made) {
          refuse(item, made.code, options)
          continue
        }
        const before = held.get(made.key)
        if (before !== undefined && compare(before, made) <= 0) refuse(item, 'rule-known', options)
        else if (cut !== undefined && compare(made, cut) > 0) refuse(item, 'over-limit', options)
        else {
          if (before !== undefined) refuse(before.item, 'rule-known', options)
          held.set(made.key, made)
          bytes += made.bytes - (before?.bytes ?? 0)
          if (held.size > 2 * limit || bytes > 2 * limitBytes) trim()
        }
      }
    }
    trim()
    return [...held.values()].sort(compare)
  }

  function judge(item: RuleItem, options: FeedOptions): Kept | { readonly code: FeedRefusalCode } {
    const { rule, bulletin } = item
    const use = options.use ?? row.use
    if (bulletin.tlp === 'RED' && options.byHand !== true) return { code: 'red-never-in-feeds' }
    if (!RULED.has(use)) return { code: 'rule-not-for-use' }
    const verdict = mayUse(bulletin.tlp, bulletin.pap, use, options.useSettings ?? {})
    if (!verdict.allowed) return { code: verdict.code }
    const made = read(item)
    if ('code' in made) return made
    return { item, key: hash('sha256', rule.text), bytes: 2 * Buffer.byteLength(rule.text), write: made.write }
  }
}

function refuse({ rule, bulletin: { id, author } }: RuleItem, code: FeedRefusalCode, options: FeedOptions): void {
  options.onRefused?.({ code, type: rule.kind, value: rule.name, bulletin: { id, author } })
}

const byBulletin = (a: FeedBulletin, b: FeedBulletin): number =>
  b.confidence - a.confidence ||
  b.publishedAt - a.publishedAt ||
  compareUtf8(a.id, b.id) ||
  compareUtf8(a.author, b.author)

function compare(a: Kept, b: Kept): number {
  return byBulletin(a.item.bulletin, b.item.bulletin) || compareUtf8(a.key, b.key)
}

/** A number of a carried rule, the same in every file: of its author, its bulletin and its words. */
export function ruleNumber({ rule, bulletin }: RuleItem, ...parts: readonly string[]): string {
  return hash('sha256', [bulletin.author, bulletin.id, rule.text, ...parts].join('\n'))
}
