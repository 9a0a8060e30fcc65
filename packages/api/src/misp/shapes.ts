/** Answers in MISP's shapes: ids beside uuids, since its clients read numbers. */
import { createHash } from 'node:crypto'
import type { Reader, Scope } from '../reader.ts'
import type { MispAttribute, MispEvent } from './ports.ts'

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

/** What every event of a MISP has, and some clients read unasked: Splunk's and OpenCTI's among them. */
const NOTHING_MORE = { Galaxy: [], Object: [], EventReport: [], RelatedEvent: [], ShadowAttribute: [] }

export function eventShape(event: MispEvent, attributes: readonly MispAttribute[] | undefined): object {
  const { id, ...head } = headShape(event)
  return {
    id,
    ...head,
    ...(attributes === undefined ? {} : { attribute_count: String(attributes.length) }),
    Tag: event.head.Tag.map(tagShape),
    ...NOTHING_MORE,
    ...(attributes === undefined
      ? {}
      : { Attribute: attributes.map((attribute) => ({ ...attributeShape(attribute), event_id: id })) })
  }
}

function headShape({ head, arrival, attributes }: MispEvent) {
  const { Org, Orgc, Tag: _tags, ...rest } = head
  return {
    id: String(arrival),
    ...rest,
    org_id: numberOf(Org.uuid),
    orgc_id: numberOf(Orgc.uuid),
    attribute_count: String(attributes.filter(({ deleted }) => !deleted).length),
    sharing_group_id: '0',
    locked: true,
    disable_correlation: false,
    proposal_email_lock: false,
    extends_uuid: '',
    Org: { id: numberOf(Org.uuid), ...Org, local: false },
    Orgc: { id: numberOf(Orgc.uuid), ...Orgc, local: false }
  }
}

function attributeShape(attribute: MispAttribute): object {
  return {
    id: numberOf(attribute.uuid),
    ...attribute,
    object_id: '0',
    object_relation: null,
    sharing_group_id: '0',
    first_seen: null,
    last_seen: null,
    Galaxy: [],
    ShadowAttribute: []
  }
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
  return { ...headShape(event), EventTag: event.head.Tag.map((tag) => ({ Tag: tagShape(tag) })) }
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
