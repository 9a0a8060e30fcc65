import type { ApiPorts, MispFeedFile, OpenFeed, Reader } from '@tocsin/api'
import { describeTypes, eventPieces, feedEtag, hashLines, manifestRow } from '@tocsin/connectors'
import { createFeedHashes } from '../feed-hashes.ts'
import type { FeedDeps } from '../feeds.ts'
import { createMispEvents } from './events.ts'

const JSON_MEDIA = 'application/json'

/** Events one by one, and as the files of a MISP feed. */
export function createMispPorts(deps: FeedDeps): ApiPorts['misp'] {
  const { exceptions, replica } = deps
  const events = createMispEvents(deps)
  const hashes = createFeedHashes(() => `${deps.version()}/${exceptions.version()}`, replica.world.now, deps.folder)

  async function open(id: string, mediaType: string, write: () => AsyncIterable<string>): Promise<OpenFeed> {
    const { hash, body } = await hashes.of(id, write)
    return { mediaType, etag: feedEtag(hash), body: body ?? write() }
  }

  async function* manifest(reader: Reader): AsyncGenerator<string> {
    let separator = '{\n'
    for await (const { head } of events.all(reader)) {
      yield separator + manifestRow(head)
      separator = ',\n'
    }
    yield separator === '{\n' ? '{}\n' : '\n}\n'
  }

  async function* lines(reader: Reader): AsyncGenerator<string> {
    for await (const { head, attributes } of events.all(reader)) yield [...hashLines(head, attributes)].join('')
  }

  return {
    feed: async (file: MispFeedFile, reader) => {
      const id = JSON.stringify([file, reader.use, reader.maxTlp])
      if (file === 'manifest') return open(id, JSON_MEDIA, () => manifest(reader))
      if (file === 'hashes') return open(id, 'text/csv', () => lines(reader))
      const event = await events.byUuid(file.event, reader)
      if (event === undefined) return undefined
      return open(id, JSON_MEDIA, async function* () {
        yield* eventPieces(event.head, event.attributes)
      })
    },
    describeTypes,
    events: (reader, asked) => events.all(reader, asked),
    event: (id, reader) => (typeof id === 'number' ? events.at(id, reader) : events.byUuid(id, reader))
  }
}
