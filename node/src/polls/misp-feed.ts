/** A client of a MISP feed: its manifest, and of its events those that are newer than what was read of them. */
import { mispEventSaid } from '@tocsin/connectors'
import { z } from 'zod'
import { NodeError, type NodeErrorCode } from '../errors.ts'
import { wholeText } from './fetch.ts'
import { askedIfChanged, validatorsOf } from './unchanged.ts'
import { expectData, type PollWork } from './work.ts'

const MAX_MANIFEST = 32 * 1024 * 1024
const MAX_EVENT = 64 * 1024 * 1024
/** Of one round; the rest comes with the next. */
const MAX_EVENTS = 1_000
/** Events that one round goes without. */
const MOST_FAILED = 20

/** What is wrong with one file, and says nothing of the others. */
const HELD_BY_ONE: ReadonlySet<string> = new Set<NodeErrorCode>([
  'poll-answer-failed',
  'poll-answer-invalid',
  'poll-too-large'
])

/** Nothing else becomes part of an address. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** s since the epoch; text, as MISP writes it, or number. */
const Row = z.object({
  timestamp: z.union([z.string().regex(/^\d{1,12}$/), z.number().int().min(0).max(1e12)]),
  // Of the event's file (misp-core-format §4): few feeds say it.
  'integrity:sha256': z.string().max(200).nullish()
})

interface Listed {
  readonly uuid: string
  readonly timestamp: number
  readonly sha256: string | undefined
}

/** What is remembered of an event whose file was older than the manifest said. */
const LATE = ' late'

/** @throws NodeError of the table of polls */
export async function pollMispFeed(work: PollWork): Promise<void> {
  const manifest = await work.get(fileUrl(work.url, 'manifest.json'), askedIfChanged(work.cursor), MAX_MANIFEST)
  if (manifest.status === 304) return manifest.drop()
  expectData(manifest)
  const listed = readManifest(await wholeText(manifest.body), (place) => work.note('poll-answer-invalid', place))
  const due = listed
    .filter(({ uuid, timestamp }) => timestamp > Number.parseInt(work.seen(uuid) ?? '-1', 10))
    .toSorted((a, b) => a.timestamp - b.timestamp)
  let left = Math.max(0, due.length - MAX_EVENTS)
  let failed = 0
  for (const event of due.slice(0, MAX_EVENTS)) {
    if (work.isFull()) return
    const state = await readEvent(work, event)
    if (state !== undefined) await work.see(event.uuid, state)
    if (state === undefined || state.endsWith(LATE)) left += 1
    if (state === undefined) failed += 1
    // One broken file must not hold up the others; a broken server is left alone.
    if (failed > MOST_FAILED) throw new NodeError('poll-answer-failed')
  }
  // Only now: a manifest that has not changed is not asked for what is missing.
  if (left === 0) await work.keep(validatorsOf(manifest))
}

/**
 * What to remember of an event that was read; undefined for one that cannot be had now: files of a feed are written one after
 * the other. A file that is not what the manifest says is not taken.
 */
async function readEvent(work: PollWork, listed: Listed): Promise<string | undefined> {
  const { uuid, timestamp, sha256 } = listed
  const file = `${uuid}.json`
  const state = String(timestamp)
  try {
    const answer = await work.get(fileUrl(work.url, file), {}, MAX_EVENT)
    expectData(answer)
    await using body = await work.spool(answer.body)
    const said = await mispEventSaid(body.read(), MAX_EVENT)
    const isNamed = said?.uuid?.toLowerCase() === uuid
    if (!isNamed || (sha256 !== undefined && sha256.toLowerCase() !== body.sha256)) {
      work.note('poll-answer-invalid', isNamed ? `${file} integrity:sha256` : `${file} Event.uuid`)
      return undefined
    }
    await work.take(body.read())
    const at = Number.parseInt(said?.timestamp ?? state, 10)
    if (!(at < timestamp)) return state
    // A former version, whose newer one may be on its way: asked for once more, and then it is the feed that is wrong.
    work.note('poll-answer-invalid', `${file} Event.timestamp`)
    const late = `${at}${LATE}`
    return work.seen(uuid) === late ? state : late
  } catch (error) {
    if (!(error instanceof NodeError) || !HELD_BY_ONE.has(error.code)) throw error
    work.note(error.code as NodeErrorCode, file)
    // It will not be smaller the next time.
    return error.code === 'poll-too-large' ? state : undefined
  }
}

function readManifest(text: string, refuse: (place: string) => void): Listed[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new NodeError('poll-answer-invalid', 'the manifest is not JSON')
  }
  // PHP writes an empty record as a list.
  if (Array.isArray(json) && json.length === 0) return []
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new NodeError('poll-answer-invalid', 'the manifest is no record of events')
  return Object.entries(json).flatMap(([uuid, value]) => {
    const row = Row.safeParse(value)
    if (UUID.test(uuid) && row.success) {
      const { timestamp, 'integrity:sha256': sha256 } = row.data
      return [{ uuid: uuid.toLowerCase(), timestamp: Number(timestamp), sha256: sha256 ?? undefined }]
    }
    refuse(`manifest.json ${uuid.slice(0, 40)}`)
    return []
  })
}

/** Beside the manifest, whether that or its folder was given. */
function fileUrl(url: URL, file: string): URL {
  const at = new URL(url)
  at.pathname = `${at.pathname.replace(/\/(?:manifest\.json)?$/, '')}/${file}`
  return at
}
