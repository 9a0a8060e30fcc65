/** Answers in MISP's shapes: ids beside uuids, since its clients read numbers. */
import { createHash } from 'node:crypto'
import type { MispAttribute, MispEvent, Reader, Scope } from '../ports.ts'

/** What this door can be taken for: a MISP of the line whose REST answers have these shapes. */
export const MISP_VERSION = '2.4.200'

/** A number for a thing that has a uuid: 52 bits of it, which every client reads exactly. */
export const numberOf = (uuid: string): string => String(Number.parseInt(uuid.replaceAll('-', '').slice(0, 13), 16))

const numberFor = (text: string): string =>
  String(Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 13), 16))

interface Tag {
  readonly name: string
  readonly colour?: string
}

export function tagShape({ name, colour = '#777777' }: Tag): object {
  return { id: numberFor(name), name, colour, exportable: true, hide_tag: false }
}

export function eventShape({ head, arrival }: MispEvent, attributes: readonly MispAttribute[] | undefined): object {
  const id = String(arrival)
  const { Org, Orgc, Tag: tags, ...rest } = head
  return {
    id,
    ...rest,
    org_id: numberOf(Org.uuid),
    orgc_id: numberOf(Orgc.uuid),
    attribute_count: String(attributes?.length ?? 0),
    sharing_group_id: '0',
    locked: true,
    Org: { id: numberOf(Org.uuid), ...Org },
    Orgc: { id: numberOf(Orgc.uuid), ...Orgc },
    Tag: tags.map(tagShape),
    ...(attributes === undefined
      ? {}
      : { Attribute: attributes.map((attribute) => ({ ...attributeShape(attribute), event_id: id })) })
  }
}

function attributeShape(attribute: MispAttribute): object {
  return { id: numberOf(attribute.uuid), ...attribute, sharing_group_id: '0' }
}

/** An attribute beside its event's head, as `/attributes/restSearch` has it. */
export function foundAttribute(attribute: MispAttribute, { head, arrival }: MispEvent, withTags: boolean): object {
  const id = String(arrival)
  const { uuid, info, distribution, Org, Orgc } = head
  return {
    ...attributeShape(attribute),
    event_id: id,
    Event: { id, uuid, info, distribution, org_id: numberOf(Org.uuid), orgc_id: numberOf(Orgc.uuid) },
    ...(withTags ? { Tag: head.Tag.map(tagShape) } : {})
  }
}

/** A line of `/events/index`. */
export function indexShape(event: MispEvent): object {
  const { Tag: tags, ...shape } = eventShape(event, undefined) as { Tag: readonly object[] }
  return {
    ...shape,
    attribute_count: String(event.attributes.filter(({ deleted }) => !deleted).length),
    EventTag: tags.map((tag) => ({ Tag: tag }))
  }
}

const RANK: Readonly<Record<Scope, number>> = { read: 1, publish: 2, admin: 2 }

/** Whom a client is told that it is: its token, with the rights that it has here. */
export function userShape({ token, scope }: Reader): object {
  const writes = RANK[scope] > 1
  const role = String(RANK[scope])
  return {
    User: {
      id: numberFor(token),
      org_id: '1',
      email: `${numberFor(token)}@tocsin.invalid`,
      role_id: role,
      disabled: false
    },
    Role: {
      id: role,
      name: scope,
      perm_add: writes,
      perm_modify: false,
      perm_publish: false,
      perm_sync: false,
      perm_admin: false,
      perm_site_admin: false,
      perm_auth: true,
      perm_tagger: false,
      perm_sighting: writes
    },
    UserSetting: []
  }
}
