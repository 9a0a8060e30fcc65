/** The ports of a small node in memory, for tests of this door and of its clients. */
import { createHash, randomUUID } from 'node:crypto'
import { guessTypes, mayUse, type Tlp, TocsinError, type Use } from '@tocsin/model'
import type { FeedQuery } from '../feed-ports.ts'
import type { ExceptionView, TokenUseView, TokenView } from '../node-views.ts'
import type { ApiPorts } from '../ports.ts'
import type { Reader, Scope } from '../reader.ts'
import type { TaxiiItem } from '../taxii/ports.ts'
import type { BulletinView, IndicatorView } from '../views.ts'
import { createMemoryCircles, type MemoryCircles } from './memory-circles.ts'
import { createMemoryContent, type MemoryContent } from './memory-content.ts'
import { createMemoryDrafts } from './memory-drafts.ts'
import { createMemoryMisp } from './memory-misp.ts'

/** A node in memory: its ports, and what a test does around them. */
export interface MemoryNode
  extends Pick<MemoryContent, 'arrive' | 'hear' | 'say'>,
    Pick<MemoryCircles, 'rootSign' | 'submitted' | 'cardText' | 'numberOf' | 'published'> {
  readonly ports: ApiPorts
  /** Makes a token; returns its secret. */
  token(scope: Scope, maxTlp?: Tlp, use?: Use): string
  /** Undefined when ready, else why not. */
  unready: string | undefined
}

type Line = { readonly indicator: IndicatorView; readonly bulletin: BulletinView }

const FEEDS: Readonly<Record<string, { readonly mediaType: string; write(lines: readonly Line[]): string }>> = {
  list: {
    mediaType: 'text/plain; charset=utf-8',
    write: (lines) => lines.map((it) => `${it.indicator.value}\n`).join('')
  },
  rpz: {
    mediaType: 'text/plain; charset=utf-8',
    write: (lines) =>
      `$TTL 60\n@ SOA localhost. hostmaster.localhost. (\n\t${lines.length + 1} ; serial\n\t300 60 604800 60 )\n@ NS localhost.\n${lines
        .filter((it) => it.indicator.type === 'domain')
        .map((it) => `${it.indicator.value} CNAME .\n`)
        .join('')}`
  },
  csv: {
    mediaType: 'text/csv; charset=utf-8',
    write: (lines) => `type,value\r\n${lines.map((it) => `${it.indicator.type},${it.indicator.value}\r\n`).join('')}`
  },
  json: {
    mediaType: 'application/json; charset=utf-8',
    write: (lines) => `{"indicators":[\n${lines.map((it) => JSON.stringify(jsonOf(it))).join(',\n')}\n]}\n`
  }
}

function jsonOf({
  indicator: { type, value, role },
  bulletin: { id, title, author, tlp, pap, threat, confidence }
}: Line) {
  const bulletin = { id, title, author: author.id, authorName: author.name, tlp, pap, threat, confidence }
  return { type, value, role, tlp, pap, bulletins: [bulletin] }
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Creates the node of Reims, empty, with one circle, and no token. */
export function createMemoryNode(): MemoryNode {
  const content = createMemoryContent()
  const circles = createMemoryCircles()
  const tokens = new Map<string, { view: TokenView; secret: string }>()
  const exceptions = new Map<string, ExceptionView>()
  const startedAt = new Date().toISOString()

  type TokenInput = Parameters<ApiPorts['tokens']['create']>[0]
  const uses = new Map<string, TokenUseView[]>()

  function create(input: TokenInput): TokenView & { secret: string } {
    const secret = `tocsin_${randomUUID().replaceAll('-', '')}`
    const view: TokenView = { id: `t${tokens.size + 1}`, ...input, createdAt: new Date().toISOString() }
    tokens.set(view.id, { view, secret })
    return { ...view, secret }
  }

  function linesOf(query: FeedQuery, reader: Reader): { kept: Line[]; refused: (Line & { code: string })[] } {
    const kept: Line[] = []
    const refused: (Line & { code: string })[] = []
    const use = query.use ?? 'block'
    for (const bulletin of content.visible(reader)) {
      if (bulletin.state !== 'live' || bulletin.tlp === 'RED') continue
      if (query.threat !== undefined && bulletin.threat !== query.threat) continue
      const verdict = mayUse(bulletin.tlp, bulletin.pap, use)
      for (const indicator of bulletin.indicators) {
        if (query.types !== undefined && !query.types.includes(indicator.type)) continue
        if (indicator.state !== 'live') continue
        const line = { indicator, bulletin }
        if (!verdict.allowed) refused.push({ ...line, code: verdict.code })
        else if (indicator.role === 'context') refused.push({ ...line, code: 'context-indicator' })
        else if (exceptions.has(indicator.value)) refused.push({ ...line, code: 'local-exception' })
        else kept.push(line)
      }
    }
    return { kept, refused }
  }

  const node: MemoryNode = {
    unready: undefined,
    arrive: content.arrive,
    hear: content.hear,
    say: content.say,
    rootSign: circles.rootSign,
    submitted: circles.submitted,
    cardText: circles.cardText,
    numberOf: circles.numberOf,
    published: circles.published,
    token: (scope, maxTlp = 'RED', use = 'hunt') => create({ name: scope, scope, maxTlp, use }).secret,
    ports: {
      ...content.ports,
      ...circles.ports,
      ...createMemoryDrafts(content.ports.bulletins.publish),
      async authenticate(secret) {
        const found = [...tokens.values()].find((it) => it.secret === secret)
        if (found === undefined) return undefined
        const { id, scope, maxTlp, use } = found.view
        return { token: id, scope, maxTlp, use }
      },
      exceptions: {
        list: async () => [...exceptions.values()],
        async add({ value, type, reason, until }, reader) {
          const typed = guessTypes(value).find((it) => type === undefined || it.type === type)
          if (typed === undefined) throw new TocsinError('unreadable-value', 'this is of no known type')
          const createdAt = new Date().toISOString()
          const view = { ...typed, reason, createdAt, by: reader.token, ...(until === undefined ? {} : { until }) }
          exceptions.set(typed.value, view)
          return view
        },
        async remove(value, type) {
          const typed = guessTypes(value).find((it) => type === undefined || it.type === type)
          if (!exceptions.delete(typed?.value ?? value)) throw new TocsinError('not-found', 'no such exception')
        }
      },
      feeds: {
        table: Object.entries(FEEDS).map(([name, { mediaType }]) => ({
          name,
          title: { en: name, fr: name },
          mediaType,
          extension: 'txt',
          use: 'block',
          types: ['domain'],
          options: []
        })),
        async open(name, query, reader) {
          const feed = FEEDS[name]
          if (feed === undefined) throw new Error('the door asked for a feed that is not named')
          const text = feed.write(linesOf(query, reader).kept)
          const etag = createHash('sha256').update(text).digest('hex').slice(0, 32)
          return { mediaType: feed.mediaType, etag, body: linewise(text) }
        },
        refused: async (_name, query, reader) =>
          linesOf(query, reader).refused.map(({ indicator: { type, value }, bulletin, code }) => ({
            type,
            value,
            bulletin: bulletin.id,
            code
          }))
      },
      taxii: {
        async page(use, { after, limit, filter }, reader) {
          const all = content.visible({ ...reader, use }).flatMap((bulletin): TaxiiItem[] =>
            bulletin.indicators.map(({ value }, index) => ({
              place: { arrival: bulletin.arrival, index },
              id: `indicator--${uuidOf(`${bulletin.id} ${value}`)}`,
              version: bulletin.publishedAt,
              object: { type: 'indicator', name: value }
            }))
          )
          const wanted = all.filter(
            ({ id, place }) =>
              (filter.ids?.includes(id) ?? true) &&
              (filter.types?.includes('indicator') ?? true) &&
              (after === undefined ||
                place.arrival > after.arrival ||
                (place.arrival === after.arrival && place.index > after.index))
          )
          const items = wanted.slice(0, limit)
          const last = items.at(-1)?.place
          return { items, ...(last === undefined || wanted.length <= limit ? {} : { next: last }) }
        }
      },
      misp: createMemoryMisp(content.visible),
      fileFeeds: () => [],
      tokens: {
        create: async (input) => create(input),
        list: async () => [...tokens.values()].map((it) => it.view),
        async revoke(id) {
          if (!tokens.delete(id)) throw new TocsinError('not-found', 'no such token')
        },
        uses: async (id) => uses.get(tokens.get(id)?.view.name ?? id) ?? [],
        async used(token, use) {
          const kept: TokenUseView = { at: new Date().toISOString(), token, ...use, bytes: 0 }
          uses.set(token, [kept, ...(uses.get(token) ?? [])])
          return async (more) => void Object.assign(kept, more)
        },
        async allUses({ limit }) {
          const all = [...uses.values()].flat().toSorted((a, b) => (a.at < b.at ? 1 : -1))
          return { items: all.slice(0, limit) }
        }
      },
      ownStreams: {
        list: async () => ({ items: [], linked: 0 }),
        claim: async () => {
          throw new TocsinError('not-found', 'no stream of ours has this id')
        }
      },
      evidence: async () => [],
      status: async () => ({
        institution: (await circles.ports.circles.show('esr-fr')).members[0] ?? { id: '', name: '', claimed: true },
        version: '0.1.0',
        startedAt,
        now: new Date().toISOString(),
        addresses: ['/ip4/127.0.0.1/tcp/4001'],
        peers: { known: (await circles.ports.peers.list()).length, connected: 0 },
        circles: 1,
        streams: 1,
        bulletins: content.visible({ token: '', scope: 'admin', maxTlp: 'RED', use: 'hunt' }).length,
        indicators: 0,
        evidence: 0,
        alarms: [],
        signing: { ready: true },
        counters: { 'entries-admitted': 0 }
      }),
      notReady: () => node.unready
    }
  }
  return node

  async function* linewise(text: string): AsyncGenerator<string> {
    for (const line of text.split(/(?<=\n)/)) yield line
  }
}
