import type { FeedBulletin } from '@tocsin/connectors'
import type { Bulletin, Threat } from '@tocsin/model'
import type { HeldBulletin, Replica } from '@tocsin/replica'
import { institutionView } from './names.ts'

/** What formats say of a bulletin that is held here. */
export function aboutOf(replica: Replica, { descriptor, row }: HeldBulletin, body: Bulletin): FeedBulletin {
  const { author, tlp } = descriptor
  return {
    id: body.id,
    title: body.title,
    author,
    authorName: institutionView(replica, author).name,
    tlp,
    pap: body.pap,
    threat: body.threat as Threat,
    confidence: body.confidence,
    publishedAt: row.clock,
    keepUntil: row.keepUntil
  }
}
