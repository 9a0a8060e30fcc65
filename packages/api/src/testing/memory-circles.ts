/** Peers, circles and signed statements in maps; signatures are checked for real against the test's root key. */
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { DEFAULT_QUOTAS, TocsinError } from '@tocsin/model'
import type { DomainCheckView, PendingView, VouchView, WhyView } from '../joining-views.ts'
import type { ApiPorts } from '../ports.ts'
import type { CardView, CircleView, PeerView, PreparedView } from '../views.ts'
import { CIRCLE, INSTITUTIONS } from './institutions.ts'

const DAY = 86_400_000
const SIGNATURE = 64
const ENDING = { how: 'phone', expires: '2026-12-06T23:59:59.999Z' }

/** The circle half of the test's ports, and its root key. */
export interface MemoryCircles {
  readonly ports: Pick<
    ApiPorts,
    'card' | 'prepareCard' | 'inspectCard' | 'comparison' | 'checkDomains' | 'peers' | 'circles'
  >
  /** Signs with the key that `submit` checks against. */
  readonly rootSign: (message: Uint8Array) => Uint8Array
  /** The statements taken in, decoded. */
  readonly submitted: readonly Readonly<Record<string, unknown>>[]
  /** The text of a card for one of the test's institutions. */
  cardText(name: keyof typeof INSTITUTIONS): string
  /** The number that its owner reads aloud. */
  numberOf(name: keyof typeof INSTITUTIONS): string
  /** What the domain of an institution publishes about it; nothing unless set. */
  readonly published: Map<string, DomainCheckView['verdict']>
}

/** Creates a node of one circle with Valenciennes as its only peer. */
export function createMemoryCircles(): MemoryCircles {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { reims, valenciennes, lorraine } = INSTITUTIONS
  const submitted: Readonly<Record<string, unknown>>[] = []
  const peers = new Map<string, PeerView>()
  const circles = new Map<string, CircleView>()

  const cardText = (name: keyof typeof INSTITUTIONS) =>
    `-----BEGIN TOCSIN CARD-----\n${Buffer.from(name).toString('base64')}\n-----END TOCSIN CARD-----\n`

  const numberOf = (name: keyof typeof INSTITUTIONS): string =>
    Array.from({ length: 9 }, (_, i) => String(100 + i * 37 + name.length)).join(' ')

  function cardOf(name: keyof typeof INSTITUTIONS): CardView {
    return {
      id: INSTITUTIONS[name].id,
      name: INSTITUTIONS[name].name,
      domains: [`univ-${name}.fr`],
      contact: `rssi@univ-${name}.fr`,
      addresses: ['/ip4/127.0.0.1/tcp/4001'],
      number: 1,
      nodeKeys: ['ab'.repeat(32)],
      text: cardText(name),
      digest: createHash('sha256').update(INSTITUTIONS[name].id).digest('hex')
    }
  }

  function readCard(text: string): CardView {
    const inner = /-----BEGIN TOCSIN CARD-----\s+(\S+)\s+-----END TOCSIN CARD-----/.exec(text)?.[1]
    const name = inner === undefined ? '' : Buffer.from(inner, 'base64').toString('utf8')
    if (!Object.hasOwn(INSTITUTIONS, name)) throw new TocsinError('card-malformed', 'this is no card')
    return cardOf(name as keyof typeof INSTITUTIONS)
  }

  function addPeer(card: CardView): PeerView {
    const { id, name, domains, addresses } = card
    const peer = {
      id,
      name,
      claimed: true,
      domains,
      addresses,
      addedAt: new Date().toISOString(),
      connected: false,
      circles: []
    }
    peers.set(id, peer)
    return peer
  }

  const published: MemoryCircles['published'] = new Map()
  const checksOf = (id: string): DomainCheckView[] => {
    const verdict = published.get(id) ?? 'not-published'
    const found = { found: verdict } as const
    return [{ domain: cardOf(keyOf(id)).domains[0] ?? '', verdict, dns: found, web: { found: 'not-published' } }]
  }
  const vouch = (code: 'counts' | 'expired'): VouchView => ({
    by: valenciennes,
    counts: code === 'counts',
    ...(code === 'counts' ? {} : { code, explanation: 'The vouch has expired.' }),
    name: lorraine.name,
    domains: ['univ-lorraine.fr'],
    how: 'phone',
    checkedAt: '2026-11-24T09:00:00.000Z',
    expires: code === 'counts' ? '2027-11-24T23:59:59.999Z' : '2026-01-31T23:59:59.999Z'
  })

  const circle: CircleView = {
    ...CIRCLE,
    threshold: 2,
    defaults: { tlp: 'AMBER', pap: 'GREEN' },
    erasureDelayMs: DAY,
    quotas: { ...DEFAULT_QUOTAS },
    me: 'founder',
    members: [
      { ...reims, rank: 0, vouchedBy: [], domains: ['univ-reims.fr'] },
      { ...valenciennes, rank: 0, vouchedBy: [], domains: ['uphf.fr'] }
    ],
    candidates: [{ ...lorraine, accepted: true, vouchedBy: [valenciennes.id], missing: 1 }],
    struck: [],
    presences: { flows: true, needed: 0, heard: [valenciennes.name], silent: [] },
    warnings: []
  }
  circles.set(circle.id, circle)
  addPeer(cardOf('valenciennes'))

  const named = (name: string) => {
    const found = Object.values(INSTITUTIONS).find(
      (it) => it.id === name || it.name.toLowerCase() === name.toLowerCase()
    )
    if (found === undefined) throw new TocsinError('unknown-institution', `nobody here is called so: ${name}`)
    return found
  }
  const keyOf = (id: string): keyof typeof INSTITUTIONS => {
    const [key] = Object.entries(INSTITUTIONS).find(([, it]) => it.id === id) ?? []
    if (key === undefined) throw new TocsinError('unknown-institution', 'nobody here has this id')
    return key as keyof typeof INSTITUTIONS
  }
  const founderOf = (text: string) => (text.includes('BEGIN') ? readCard(text) : named(text)).id
  const known = (name: string) => {
    const found = [...circles.values()].find((it) => it.id === name || it.name === name)
    if (found === undefined) throw new TocsinError('unknown-circle', `no such circle: ${name}`)
    return found
  }
  const prepared = (statement: object, summary: string, more: Partial<PreparedView> = {}): PreparedView => ({
    register: Buffer.from(JSON.stringify(statement)).toString('base64'),
    summary,
    falls: [],
    returns: [],
    warnings: [],
    ...more
  })

  const ports: MemoryCircles['ports'] = {
    card: async () => ({ ...cardOf('reims'), comparison: numberOf('reims') }),
    prepareCard: async (change) => {
      if (change.name === cardOf('reims').name) throw new TocsinError('card-unchanged', 'says so already')
      return prepared({ kind: 'card', ...change }, `a card with ${Object.keys(change).join(', ')}`)
    },
    inspectCard: async (text) => readCard(text),
    comparison: async (id) => numberOf(keyOf(id)),
    checkDomains: async (text) => checksOf(readCard(text).id),
    peers: {
      list: async () => [...peers.values()],
      add: async (text) => addPeer(readCard(text)),
      async remove(name) {
        if (!peers.delete(named(name).id)) throw new TocsinError('not-found', 'no such peer')
      },
      checkDomains: async (name) => checksOf(named(name).id)
    },
    circles: {
      list: async () => [...circles.values()],
      show: async (name) => known(name),
      pending: async (name): Promise<PendingView> => ({
        circle: { id: known(name).id, name: known(name).name },
        threshold: 2,
        newcomers: [
          { ...lorraine, founder: false, vouches: [vouch('counts')], missing: { acceptance: false, vouches: 1 } }
        ],
        expiring: [
          { ...ENDING, subject: lorraine, by: reims, daysLeft: 12, ours: true, needed: false },
          { ...ENDING, subject: lorraine, by: valenciennes, daysLeft: -3, ours: false, needed: true }
        ],
        changed: [reims, valenciennes].map((by) => ({
          subject: lorraine,
          by,
          how: 'phone',
          vouched: { name: lorraine.name, domains: ['univ-lorraine.fr'] },
          card: { name: 'Lorraine Bank', domains: ['bank.example'] },
          ours: by === reims
        }))
      }),
      why: async (name, institution): Promise<WhyView> => ({
        circle: { id: known(name).id, name: known(name).name },
        threshold: 2,
        institution: named(institution),
        standing: 'candidate',
        founder: false,
        own: [{ kind: 'acceptance', by: named(institution), counts: true }],
        vouches: [vouch('counts'), vouch('expired')],
        revocations: [{ by: reims, counts: false, code: 'lifted', explanation: 'taken back', reason: 'a mistake' }],
        missing: { acceptance: false, vouches: 1 }
      }),
      async prepareCreate(input) {
        const statement = { kind: 'charter', ...input, founders: [reims.id, ...input.founders.map(founderOf)] }
        const warnings = input.threshold === 1 ? ['with a threshold of 1 one stolen key admits anybody'] : []
        return prepared(statement, `charter of ${input.name}`, { warnings })
      },
      prepareAccept: async (name) => prepared({ kind: 'acceptance', circle: known(name).id }, `join ${name}`),
      async prepareVouch({ institution, circle: name, how }) {
        const subject = named(institution)
        const statement = { kind: 'vouch', circle: known(name).id, subject: subject.id, how }
        return prepared(statement, `vouch for ${subject.name}`)
      },
      async prepareRevoke({ institution, circle: name, reason }) {
        const subject = named(institution)
        const statement = { kind: 'revocation', circle: known(name).id, subject: subject.id, reason }
        return prepared(statement, `revoke ${subject.name}`, { falls: [subject], returns: [lorraine] })
      },
      async submit(register) {
        const bytes = Buffer.from(register, 'base64')
        const statement = bytes.subarray(0, -SIGNATURE)
        if (!verify(null, statement, publicKey, bytes.subarray(-SIGNATURE))) {
          throw new TocsinError('register-bad-signature', 'the signature is not by the root key')
        }
        const value: Readonly<Record<string, unknown>> = JSON.parse(statement.toString('utf8'))
        submitted.push(value)
        if (value.kind === 'card') return { kind: 'card' }
        if (value.kind !== 'charter') {
          return {
            kind: String(value.kind),
            circle: String(value.circle),
            ...(value.subject === undefined ? {} : { subject: named(String(value.subject)) })
          }
        }
        const id = createHash('sha256').update(statement).digest('hex')
        circles.set(id, { ...circle, id, name: String(value.name), members: [], candidates: [] })
        return { kind: 'charter', circle: id }
      }
    }
  }
  return { ports, submitted, cardText, numberOf, published, rootSign: (message) => sign(null, message, privateKey) }
}
