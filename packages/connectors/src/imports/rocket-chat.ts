import { extractText } from '@tocsin/extract'
import { draftOf, leftOutWarnings, refusalsOf } from '../extracted.ts'
import type { Imported, ImportInfo, ImportOptions } from '../import.ts'
import { isObject, readJson, textIn } from '../import-json.ts'
import { labelsForText } from '../import-labels.ts'
import { textOf } from '../import-source.ts'

/**
 * One message of a Rocket.Chat channel, as its outgoing webhook posts it (docs.rocket.chat, integrations; triggerHandler
 * of RocketChat/Rocket.Chat): `{token, bot, trigger_word?, channel_name, message_id, timestamp, user_name, text, siteUrl,
 * isEdited?}`. The token is Rocket.Chat's own and is compared before anything else is read. What bots say is passed over,
 * our own notifications among them. An edited message (same `message_id`) takes the place of what it was.
 */
export const ROCKET_CHAT: ImportInfo = {
  name: 'rocket-chat',
  title: { en: 'Rocket.Chat outgoing webhook', fr: 'Webhook sortant de Rocket.Chat' },
  mediaTypes: ['application/json'],
  extensions: ['json'],
  // A message has 5,000 characters unless its server says otherwise.
  limits: { bytes: 256 * 1024, drafts: 10, indicators: 10_000 },
  options: ['secret'],
  read
}

async function* read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncGenerator<Imported> {
  const place = { offset: 0 }
  const document = await textOf(source)
  if (document.trim() === '') return
  const json = readJson(document)
  if (!json.ok) {
    yield { kind: 'refused', code: json.code, message: json.message, place: { offset: json.offset ?? 0 } }
    return
  }
  const post = isObject(json.value) ? json.value : {}
  if (options.isSecret?.(textIn(post, 'token') ?? '') === false) {
    yield {
      kind: 'refused',
      code: 'secret-wrong',
      message: 'the token is not that of this source',
      place: { path: 'token' }
    }
    return
  }
  // Whatever is said by a machine came from somewhere else, perhaps from here.
  if (post.bot !== undefined && post.bot !== false && post.bot !== null) return
  const said = textIn(post, 'text')
  const id = textIn(post, 'message_id')
  if (said === undefined) return
  if (id === undefined || id.length > 64) {
    yield { kind: 'refused', code: 'record-invalid', message: 'no message_id', place: { path: 'message_id' } }
    return
  }
  const trigger = textIn(post, 'trigger_word')
  const text = (trigger !== undefined && said.startsWith(trigger) ? said.slice(trigger.length) : said).trim()
  const labels = labelsForText(text, options.labels)
  if (!labels.ok) {
    yield { kind: 'refused', code: labels.code, message: labels.message, place: { path: 'text' } }
    return
  }
  const extraction = extractText(text, options.context)
  yield* refusalsOf(extraction)
  yield {
    kind: 'draft',
    draft: draftOf(extraction, labels.labels, options.labels),
    key: `rocket-chat:${siteOf(textIn(post, 'siteUrl'))}/${id}`,
    reference: referenceOf(post.isEdited === true, textIn(post, 'channel_name'), textIn(post, 'user_name')),
    place,
    warnings: [...labels.warnings, ...leftOutWarnings(extraction)]
  }
}

/** Two servers may give one id; a server keeps its name when its scheme changes. */
function siteOf(siteUrl: string | undefined): string {
  return siteUrl !== undefined && URL.canParse(siteUrl) ? new URL(siteUrl).host : 'unknown'
}

/** Who said it stays here: it is in no bulletin. */
function referenceOf(isEdited: boolean, channel: string | undefined, user: string | undefined): string {
  const where = channel === undefined ? 'direct message' : `#${channel.replace(/^#/, '')}`
  return [where, ...(user === undefined ? [] : [`@${user}`]), ...(isEdited ? ['edited'] : [])].join(' ')
}
