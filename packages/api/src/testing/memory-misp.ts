/** Bulletins of the test's node as MISP events: the shapes alone, since their making is the connectors' business. */
import { createHash } from 'node:crypto'
import type { MispEvent } from '../misp/ports.ts'
import type { ApiPorts } from '../ports.ts'
import type { Reader } from '../reader.ts'
import type { BulletinView } from '../views.ts'

const uuidOf = (text: string): string => {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function eventOf(view: BulletinView): MispEvent {
  const org = { uuid: uuidOf(view.author.id), name: view.author.name }
  const timestamp = String(Math.floor(Date.parse(view.publishedAt) / 1000))
  return {
    arrival: view.arrival,
    head: {
      uuid: uuidOf(view.id),
      info: view.title,
      date: view.publishedAt.slice(0, 10),
      timestamp,
      publish_timestamp: timestamp,
      published: true,
      analysis: '2',
      threat_level_id: '4',
      distribution: '0',
      Org: org,
      Orgc: org,
      Tag: [{ name: `tlp:${view.tlp.toLowerCase()}` }, { name: `PAP:${view.pap}` }]
    },
    attributes: view.indicators.map(({ type, value }) => ({
      uuid: uuidOf(`${view.id} ${value}`),
      type,
      category: 'Network activity',
      to_ids: true,
      distribution: '5',
      timestamp,
      deleted: false,
      disable_correlation: false,
      value,
      comment: ''
    }))
  }
}

export function createMemoryMisp(visible: (reader: Reader) => readonly BulletinView[]): ApiPorts['misp'] {
  const all = (reader: Reader): MispEvent[] => visible(reader).map(eventOf)
  return {
    async feed(file, reader) {
      const events = all(reader)
      const wanted = typeof file === 'object' ? events.find(({ head }) => head.uuid === file.event) : events
      if (wanted === undefined) return undefined
      const text = JSON.stringify(wanted)
      return {
        mediaType: 'application/json',
        etag: uuidOf(text),
        body: (async function* () {
          yield text
        })()
      }
    },
    describeTypes: () => ({ sane_defaults: {}, types: [], categories: [], category_type_mappings: {} }),
    async *events(reader) {
      yield* all(reader)
    },
    event: async (id, reader) => all(reader).find(({ head, arrival }) => head.uuid === id || arrival === id)
  }
}
