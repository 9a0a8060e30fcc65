import type { ApiPorts, Reader } from '@tocsin/api'
import { eraseNowMessage } from '@tocsin/journal'
import { audienceKey, ReplicaError } from '@tocsin/replica'
import { NodeError } from '../errors.ts'
import { indicatorNamed, indicatorSearch } from './indicators.ts'
import { findOne, findOwn, ownTargets, publishDraft } from './publish.ts'
import { filterOf, readCursor } from './query.ts'
import { receiptsView } from './receipts.ts'
import { sightOf } from './sight.ts'
import { bulletinView, summaryView, type ViewDeps } from './views.ts'

export function createBulletinPorts(deps: ViewDeps): ApiPorts['bulletins'] {
  const { replica, bulletins } = deps

  async function summary(id: string, reader: Reader): ReturnType<ApiPorts['bulletins']['retract']> {
    const found = await findOwn(deps, id, reader)
    const [first] = found
    if (first === undefined) throw new ReplicaError('not-found', `nothing here begins with ${id}`)
    return summaryView(deps, first, found)
  }

  return {
    publish: (draft, reader, options) => publishDraft(deps, draft, reader, options),
    list: async (query, reader) => {
      if (query.value !== undefined) {
        const { items, next } = await indicatorSearch(deps, { order: 'newest', ...query }, reader)
        const seen = new Map(items.map(({ bulletin }) => [bulletin.arrival, bulletin]))
        return { items: [...seen.values()], ...(next === undefined ? {} : { next }) }
      }
      const { items, next } = await bulletins.page(filterOf(deps, query), sightOf(deps, reader), {
        order: query.order ?? 'newest',
        limit: query.limit,
        ...readCursor(query.cursor)
      })
      const views = []
      for (const held of items) {
        const own =
          held.descriptor.tlp === 'RED' &&
          held.descriptor.author === replica.identity.institution &&
          held.summary !== undefined
        views.push(
          summaryView(
            deps,
            held,
            own && held.summary !== undefined
              ? await bulletins.entriesOf(held.summary.id, held.descriptor.author)
              : [held]
          )
        )
      }
      return { items: views, ...(next === undefined ? {} : { next: next.toString(36) }) }
    },
    get: async (id, reader) => bulletinView(deps, await findOne(deps, id, reader), sightOf(deps, reader)),
    receipts: async (id, reader) => {
      const found = await findOne(deps, id, reader)
      const [first] = found
      return receiptsView(replica, first?.summary?.id ?? first?.row.id ?? id, found)
    },
    attachment: async (id, sha256, reader) => {
      const found = await findOne(deps, id, reader)
      for (const held of found) {
        const file = bulletins.body(held)?.attachments.find((attachment) => attachment.sha256 === sha256)
        const data = file === undefined ? undefined : bulletins.attachment(held, file.entry)?.data
        if (file !== undefined && data !== undefined) return { name: file.name, data }
      }
      throw new ReplicaError('not-found', 'no such attachment is held')
    },
    retract: async (id, { reason, eraseNow }, reader) => {
      await replica.publish.retract(await ownTargets(deps, id, reader, eraseNow !== undefined), reason, eraseNow)
      return summary(id, reader)
    },
    prepareErasure: async (id, reader) => {
      const targets = await ownTargets(deps, id, reader, true)
      if (new Set(targets.map(({ audience }) => audienceKey(audience))).size > 1) {
        throw new NodeError('erase-now-several-recipients')
      }
      return { message: Buffer.from(eraseNowMessage(targets.map(({ entry }) => entry))).toString('base64') }
    },
    disable: async (id, { values, reason }, reader) => {
      const [held] = await findOwn(deps, id, reader)
      const body = held === undefined ? undefined : bulletins.body(held)
      if (body === undefined) throw new ReplicaError('not-found', 'the bulletin is not held in a form to be read')
      const indicators = values.map((value) => indicatorNamed(body.indicators, value))
      const files = new Set<string>(body.attachments.map(({ entry }) => entry))
      // RED has one entry a recipient: each of them is told, whichever the officer named.
      for (const target of await ownTargets(deps, id, reader)) {
        if (!files.has(target.entry)) await replica.publish.disable(target, { bulletin: body.id, indicators, reason })
      }
      return summary(id, reader)
    }
  }
}
