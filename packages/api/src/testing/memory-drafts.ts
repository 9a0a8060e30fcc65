/** Drafts in an array, cut to their reader by the real rules of the model; the one import reads text, one draft a body. */
import { createHash, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { type Draft, type DraftInput, mayUse, parseDraft, TocsinError, tlpAtMost } from '@tocsin/model'
import type { SourceInput } from '../draft-ports.ts'
import type { DraftSummaryView, ImportedView, ImportView, SourceView } from '../draft-views.ts'
import type { ApiPorts } from '../ports.ts'
import type { Reader } from '../reader.ts'
import { extract } from './memory-extract.ts'

interface Kept {
  head: DraftSummaryView
  draft: Draft
}

const DAY = 86_400_000
const TEXT: ImportView = {
  name: 'text',
  title: { en: 'Message as plain text', fr: 'Message en texte brut' },
  mediaTypes: ['text/plain'],
  extensions: ['txt'],
  limits: { bytes: 1_000_000, drafts: 1, indicators: 4096 },
  options: ['mapping']
}

/** The import and draft ports of a node in memory; what is accepted goes out through `publish`. */
export function createMemoryDrafts(
  publish: ApiPorts['bulletins']['publish']
): Pick<ApiPorts, 'imports' | 'drafts' | 'sources'> {
  const all: Kept[] = []
  const sources = new Map<string, { view: SourceView; token: string; input: SourceInput }>()

  function read(input: DraftInput): Draft {
    const parsed = parseDraft(input)
    if (!parsed.ok) throw new TocsinError('draft-invalid', 'the draft is not as it must be')
    return parsed.draft
  }

  function put(
    draft: Draft,
    more: Omit<DraftSummaryView, 'version' | 'title' | 'tlp' | 'pap' | 'indicatorCount'>
  ): Kept {
    const { title = 'untitled', tlp = 'RED', pap = 'RED', indicators } = draft
    const version = createHash('sha256').update(JSON.stringify(draft)).digest('hex').slice(0, 16)
    return { head: { ...more, version, title, tlp, pap, indicatorCount: indicators.length }, draft }
  }

  function named(id: string, reader: Reader, open: boolean, version?: string): Kept {
    const kept = all.find(({ head }) => head.id.startsWith(id) && sees(reader, head))
    if (kept === undefined) throw new TocsinError('not-found', 'no such draft')
    if (open && kept.head.state !== 'open') throw new TocsinError('draft-closed', 'the draft is closed')
    if (version !== undefined && version !== kept.head.version) throw new TocsinError('draft-changed', 'it has changed')
    return kept
  }

  const viewOf = ({ head, draft }: Kept) => ({ ...head, draft: { ...draft }, warnings: [] })

  async function run(...[, body, settings, reader, { dryRun }]: Parameters<ApiPorts['imports']['run']>) {
    const bytes = await buffer(body)
    const { found, text, refused } = await extract({ bytes, mail: false, drop: [], context: [] })
    const { map: _map, tlp, pap, ...labels } = settings
    const view: ImportedView = {
      import: 'text',
      dryRun,
      counts: { new: 0, changed: 0, known: 0, published: 0, refused: refused.length },
      items: [],
      refused: refused.map(({ code, reason }) => ({ code, message: reason, place: { line: 1 } }))
    }
    if (tlp === undefined || pap === undefined) {
      view.refused.push({ code: 'label-missing', message: 'no label', place: { line: 1 } })
      view.counts.refused += 1
      return view
    }
    const draft = read({
      ...labels,
      tlp,
      pap,
      title: text.trim().split('\n')[0]?.slice(0, 200) || 'empty',
      indicators: found.map(({ type, value }) => ({ type: type as 'domain', value }))
    })
    const known = all.some((kept) => kept.draft.title === draft.title)
    const kept = put(draft, {
      id: randomUUID(),
      state: 'open',
      import: 'text',
      reference: 'message as plain text',
      createdAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 30 * DAY).toISOString(),
      by: reader.token,
      edited: false
    })
    if (!known && !dryRun) all.unshift(kept)
    const { id, title, indicatorCount, reference } = kept.head
    const outcome = known ? 'known' : 'new'
    view.counts[outcome] += 1
    const named = known || dryRun ? {} : { id }
    view.items.push({ outcome, ...named, title, tlp, pap, indicatorCount, reference, warnings: [] })
    return view
  }

  const sourceNamed = (name: string) => {
    const found = sources.get(name)
    if (found === undefined) throw new TocsinError('not-found', 'no such source')
    return found
  }

  return {
    sources: {
      list: async () => [...sources.values()].map(({ view }) => view),
      get: async (name) => sourceNamed(name).view,
      async add(input, reader) {
        const { token = `tocsin_${randomUUID()}`, poll, ...rest } = input
        const view: SourceView = {
          ...rest,
          ...(poll === undefined ? { path: `/v1/sources/${input.name}/items` } : { poll: waiting(poll) }),
          createdAt: new Date().toISOString(),
          createdBy: reader.token,
          deliveries: 0,
          counts: { new: 0, changed: 0, known: 0, published: 0, refused: 0 },
          recent: []
        }
        sources.set(input.name, { view, token, input })
        return { ...view, ...(poll === undefined ? { token } : {}) }
      },
      async remove(name) {
        sourceNamed(name)
        sources.delete(name)
      },
      poll: async (name) => sourceNamed(name).view,
      carriesToken: () => false,
      async deliver(name, token, body) {
        const found = sources.get(name)
        if (found === undefined || found.token !== token) return undefined
        const { name: _name, import: format, policy: _policy, token: _token, poll: _poll, ...settings } = found.input
        const reader: Reader = { token: name, scope: 'publish', maxTlp: 'RED', use: 'hunt' }
        const view = await run(format, body, settings, reader, { dryRun: false })
        found.view = { ...found.view, deliveries: found.view.deliveries + 1, counts: view.counts }
        return view
      }
    },
    imports: { list: () => [TEXT], run },
    drafts: {
      list: async ({ state, limit }, reader) => ({
        items: all
          .map(({ head }) => head)
          .filter((head) => sees(reader, head) && (state === 'all' || head.state === 'open'))
          .slice(0, limit)
      }),
      get: async (id, reader) => viewOf(named(id, reader, false)),
      async edit(id, input, reader, { version }) {
        const kept = named(id, reader, true, version)
        if ('sightings' in input) throw new TocsinError('draft-of-bulletin', 'the draft is of a bulletin')
        Object.assign(kept, put(read(input), { ...kept.head, edited: true }))
        return viewOf(kept)
      },
      async accept(id, reader, { version, dryRun }) {
        const kept = named(id, reader, true, version)
        const view = await publish(kept.draft, reader, { dryRun })
        if (view.id !== undefined) kept.head = { ...kept.head, state: 'accepted', bulletin: view.id }
        return view
      },
      async discard(id, reader) {
        const kept = named(id, reader, true)
        kept.head = { ...kept.head, state: 'discarded' }
      }
    }
  }
}

function waiting({ kind, url, every = 900, user, secret }: NonNullable<SourceInput['poll']>): SourceView['poll'] & {} {
  const auth = secret === undefined ? 'none' : user === undefined ? 'bearer' : 'basic'
  return { kind, url, every, auth, busy: false, nextAt: new Date().toISOString(), failures: 0 }
}

function sees(reader: Reader, { tlp, pap }: DraftSummaryView): boolean {
  return tlpAtMost(tlp, reader.maxTlp) && mayUse(tlp, pap, reader.use).allowed
}
