/** What the imports are given: for each format a document of so many indicators, in the order in which its makers write. */
import { indicatorAt } from '../data.ts'

export interface DocumentKind {
  readonly name: 'misp' | 'stix' | 'csv' | 'json' | 'text'
  readonly what: string
  /** Fields of the records, for imports that need to be told. */
  readonly mapping?: Readonly<Record<string, string>>
  readonly begin: string
  readonly end: string
  /** Between two records. */
  readonly between: string
  record(seed: number, number: number): string
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0')
const uuid = (number: number): string => `5f0a1c9e-3f7a-4f0e-8a43-${hex(number, 12)}`

const MISP_TYPES: Readonly<Record<string, readonly [type: string, category: string]>> = {
  domain: ['domain', 'Network activity'],
  ipv4: ['ip-dst', 'Network activity'],
  url: ['url', 'Network activity'],
  sha256: ['sha256', 'Payload delivery'],
  email: ['email-src', 'Payload delivery']
}

const STIX_PATTERNS: Readonly<Record<string, string>> = {
  domain: 'domain-name:value',
  ipv4: 'ipv4-addr:value',
  url: 'url:value',
  sha256: "file:hashes.'SHA-256'",
  email: 'email-addr:value'
}

export const DOCUMENTS: readonly DocumentKind[] = [
  {
    name: 'misp',
    what: 'a MISP event',
    // As a MISP exports it: what holds for the whole event, its tags, comes behind all that it holds.
    begin: `{"response":[{"Event":{"id":"7","orgc_id":"2","org_id":"1","date":"2026-11-24","threat_level_id":"2","info":"Campaign","published":true,"uuid":"${uuid(0)}","analysis":"2","timestamp":"1795000000","distribution":"3","Orgc":{"id":"2","name":"CERT-X","uuid":"${uuid(1)}"},"Attribute":[`,
    end: '],"ShadowAttribute":[],"Object":[],"Tag":[{"name":"tlp:amber"},{"name":"PAP:GREEN"},{"name":"rsit:fraud=\\"phishing\\""}]}}]}',
    between: ',',
    record(seed, number) {
      const { type, value } = indicatorAt(seed, number)
      const [name, category] = MISP_TYPES[type] ?? ['text', 'Other']
      return JSON.stringify({
        id: String(number + 1),
        event_id: '7',
        object_id: '0',
        object_relation: null,
        category,
        type: name,
        to_ids: number % 10 > 0,
        uuid: uuid(number + 2),
        timestamp: '1795000000',
        distribution: '5',
        sharing_group_id: '0',
        comment: number % 5 === 0 ? 'seen in the second wave' : '',
        deleted: false,
        disable_correlation: false,
        first_seen: null,
        last_seen: null,
        value,
        Galaxy: [],
        ShadowAttribute: []
      })
    }
  },
  {
    name: 'stix',
    what: 'a STIX bundle',
    begin: `{"type":"bundle","id":"bundle--${uuid(0)}","objects":[`,
    end: ']}',
    between: ',\n',
    record(seed, number) {
      const { type, value } = indicatorAt(seed, number)
      return JSON.stringify({
        type: 'indicator',
        spec_version: '2.1',
        id: `indicator--${uuid(number)}`,
        created: '2026-11-24T09:00:00.000Z',
        modified: '2026-11-24T09:00:00.000Z',
        pattern: `[${STIX_PATTERNS[type]} = '${value}']`,
        pattern_type: 'stix',
        valid_from: '2026-11-24T09:00:00.000Z',
        labels: ['tlp:amber', 'PAP:GREEN']
      })
    }
  },
  {
    name: 'csv',
    what: 'a table',
    mapping: { value: 'indicator', type: 'kind', comment: 'remark', lastSeen: 'seen' },
    begin: 'indicator,kind,remark,seen\n',
    end: '\n',
    between: '\n',
    record(seed, number) {
      const { type, value } = indicatorAt(seed, number)
      return `${value},${type},"wave, second",2026-11-24T09:00:00Z`
    }
  },
  {
    name: 'json',
    what: 'JSON, an object a line',
    mapping: { value: 'ioc.value', type: 'ioc.type', comment: 'note', lastSeen: 'seen' },
    begin: '',
    end: '\n',
    between: '\n',
    record(seed, number) {
      const { type, value } = indicatorAt(seed, number)
      return JSON.stringify({ ioc: { value, type }, note: 'second wave', seen: '2026-11-24T09:00:00Z' })
    }
  },
  {
    name: 'text',
    what: 'a message',
    begin: 'Bonjour, voici ce que nous avons vu :\n',
    end: '\n',
    between: '\n',
    record(seed, number) {
      const { value } = indicatorAt(seed, number)
      return `- ${value.replace(/^http/, 'hxxp').replaceAll('.', '[.]')}`
    }
  }
]
