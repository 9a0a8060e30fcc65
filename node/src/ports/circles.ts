/** Circles and vouches. Whatever the root key signs is prepared here and signed elsewhere. */

import { randomBytes } from 'node:crypto'
import type { ApiPorts, CircleView, PreparedView } from '@tocsin/api'
import {
  nextRegisterNumber,
  openRegister,
  parseCardText,
  prepareRegister,
  type RegisterFields,
  registerAddress
} from '@tocsin/journal'
import { type CircleId, type InstitutionId, quotasOf } from '@tocsin/model'
import { DEFAULTS, type Replica, ReplicaError } from '@tocsin/replica'
import { dayOf, type Freshness, isNewcomer, type Member, whatIf } from '@tocsin/trust'
import { institutionView, resolveCircle, resolveInstitution } from './names.ts'
import { iso } from './views.ts'
import { pendingView, whyView } from './vouching.ts'

const DAY = 86_400_000
/** A vouch is renewed once a year: whoever checks an institution again looks again. */
const VOUCH_DAYS = 365
const NOT_HELD: Freshness = { needed: 0, present: [], silent: [], missing: [] }
const NOT_COMPARED = 'this institution is not your peer: its number was never compared here (tocsin join)'

export function createCirclePorts(replica: Replica): ApiPorts['circles'] {
  const self = replica.identity.institution

  function circleView(circle: CircleId): CircleView {
    const { book } = replica
    const charter = book.charter(circle)
    const roster = book.roster(circle)
    if (charter === undefined || roster === undefined)
      throw new ReplicaError('unknown-circle', 'no such circle', { circle })
    const show = (id: InstitutionId): ReturnType<typeof institutionView> => institutionView(replica, id)
    const names = (ids: readonly InstitutionId[]): string[] => ids.map((id) => show(id).name)
    const pendingFounders = [...roster.founders].filter((id) => !roster.members.has(id) && !roster.struck.has(id))
    return {
      id: circle,
      name: charter.name,
      threshold: charter.threshold,
      defaults: { ...charter.defaults },
      erasureDelayMs: charter.erasureDelayMs,
      quotas: quotasOf(charter),
      me: book.standing(circle, self) ?? 'none',
      members: [...roster.members].map(([id, member]) => ({
        ...show(id),
        rank: member.rank,
        vouchedBy: names(member.vouchedBy),
        domains: [...member.domains],
        ...newcomerUntil(member, quotasOf(charter).newcomerDays)
      })),
      candidates: [
        ...pendingFounders.map((id) => ({ ...show(id), accepted: false, vouchedBy: [], missing: 0 })),
        ...[...roster.candidates].map(([id, { accepted, vouchedBy, missing }]) => ({
          ...show(id),
          accepted,
          vouchedBy: names(vouchedBy),
          missing
        }))
      ],
      struck: [...roster.struck].map(([id, by]) => ({ ...show(id), revokedBy: names(by) })),
      presences: presencesView(circle, names),
      warnings: charterWarnings(charter.threshold, charter.founders.length)
    }
  }

  function presencesView(
    circle: CircleId,
    names: (ids: readonly InstitutionId[]) => string[]
  ): CircleView['presences'] {
    const { code, needed, present, silent } = replica.presences.freshness(circle) ?? NOT_HELD
    return {
      flows: code === undefined,
      ...(code === undefined ? {} : { code }),
      needed,
      heard: names(present),
      silent: names(silent.map(({ institution }) => institution))
    }
  }

  /** The first day on which it is none any more. */
  function newcomerUntil(member: Member, newcomerDays: number): { newcomerUntil?: string } {
    if (member.since === undefined || !isNewcomer(member, dayOf(replica.world.now()), newcomerDays)) return {}
    return { newcomerUntil: iso((member.since + newcomerDays) * DAY).slice(0, 10) }
  }

  const isPeer = (id: InstitutionId): boolean => replica.peers().some(({ institution }) => institution === id)

  /** The next number of a register of ours, above whatever we signed before. */
  function numberOf(kind: RegisterFields['kind'], circle?: CircleId, subject?: InstitutionId): number {
    const held = replica.book.get(registerAddress(kind, self, circle, subject))
    return nextRegisterNumber(held?.register.number, replica.world.now())
  }

  function prepared(fields: RegisterFields, summary: string, more: Partial<PreparedView> = {}): PreparedView {
    return {
      register: Buffer.from(prepareRegister(fields)).toString('base64'),
      summary,
      falls: [],
      returns: [],
      warnings: [],
      ...more
    }
  }

  /** Founders by id, name or domain, or by the text of a card: which is then known here without being a peer. */
  async function founderOf(text: string): Promise<InstitutionId> {
    if (!text.includes('BEGIN TOCSIN CARD')) return resolveInstitution(replica, text)
    const { register } = openRegister(parseCardText(text))
    if (register.kind !== 'card') throw new ReplicaError('register-refused', 'this is no card', { kind: register.kind })
    return register.author
  }

  return {
    list: async () => replica.book.circles().map(circleView),
    show: async (circle) => circleView(resolveCircle(replica, circle)),
    pending: async (circle) => pendingView(replica, resolveCircle(replica, circle)),
    why: async (circle, institution) =>
      whyView(replica, resolveCircle(replica, circle), resolveInstitution(replica, institution)),
    prepareCreate: async ({ name, threshold, founders, tlp, pap, erasureDelayMs, quotas }) => {
      const all = [...new Set([self, ...(await Promise.all(founders.map(founderOf)))])]
      return prepared(
        {
          kind: 'charter',
          author: self,
          number: numberOf('charter'),
          value: {
            nonce: randomBytes(16).toString('hex'),
            name,
            founders: all,
            threshold,
            defaults: { tlp: tlp ?? 'AMBER', pap: pap ?? 'GREEN' },
            retention: DEFAULTS.retention,
            erasureDelayMs: erasureDelayMs ?? DEFAULTS.erasureDelayMs,
            ...(quotas === undefined ? {} : { quotas: { ...quotas } })
          }
        },
        `found the circle ${name} with ${all.length} founders; ${threshold} of them admit a member`,
        { warnings: charterWarnings(threshold, all.length) }
      )
    },
    prepareAccept: async (text) => {
      const circle = resolveCircle(replica, text)
      const name = replica.book.charter(circle)?.name ?? ''
      return prepared(
        { kind: 'acceptance', author: self, circle, number: numberOf('acceptance', circle), value: { name } },
        `belong to the circle ${name}`
      )
    },
    prepareVouch: async ({ institution, circle: named, how }) => {
      const circle = resolveCircle(replica, named)
      const subject = resolveInstitution(replica, institution)
      const card = replica.book.card(subject)
      if (card === undefined)
        throw new ReplicaError('unknown-institution', 'no card of this institution is held', { institution })
      const now = replica.world.now()
      const value = { name: card.name, domains: card.domains, how, checkedAt: now, expires: dayOf(now) + VOUCH_DAYS }
      const until = iso((value.expires + 1) * DAY - 1).slice(0, 10)
      return prepared(
        { kind: 'vouch', author: self, circle, subject, number: numberOf('vouch', circle, subject), value },
        `vouch that ${card.name} (${card.domains.join(', ')}) is who its card says, until ${until}`,
        { warnings: isPeer(subject) ? [] : [NOT_COMPARED] }
      )
    },
    prepareRevoke: async ({ institution, circle: named, reason }) => {
      const circle = resolveCircle(replica, named)
      const subject = resolveInstitution(replica, institution)
      const charter = replica.book.charter(circle)
      if (charter === undefined) throw new ReplicaError('unknown-circle', 'no such circle', { circle: named })
      const number = numberOf('revocation', circle, subject)
      const statement = { kind: 'revocation', author: self, subject, circle, value: { reason } } as const
      const effect = whatIf(circle, charter, replica.book.statements(circle), dayOf(replica.world.now()), statement)
      const show = (id: InstitutionId): ReturnType<typeof institutionView> => institutionView(replica, id)
      return prepared(
        { kind: 'revocation', author: self, circle, subject, number, value: { reason } },
        `revoke ${show(subject).name}: ${reason}`,
        {
          falls: effect.falls.map(show),
          returns: effect.returns.map(show)
        }
      )
    },
    submit: async (register) => {
      const bytes = new Uint8Array(Buffer.from(register, 'base64'))
      const signed = openRegister(bytes)
      if (signed.register.author !== self)
        throw new ReplicaError('register-refused', 'this is not signed by our root key')
      const outcome = await replica.admitRegisters([bytes], undefined)
      if (outcome.verdict !== 'accept')
        throw new ReplicaError('register-refused', `the register was not admitted: ${outcome.code ?? 'old'}`, {
          reason: outcome.code
        })
      const { kind, circle, subject } = signed.register
      return {
        kind,
        ...(circle === undefined ? {} : { circle }),
        ...(subject === undefined ? {} : { subject: institutionView(replica, subject) })
      }
    }
  }
}

/** DESIGN §7: warn if k = 1 or founders ≤ 2k. */
function charterWarnings(threshold: number, founders: number): string[] {
  const warnings: string[] = []
  if (threshold === 1) warnings.push('k = 1: a single stolen root key admits anybody')
  if (founders <= 2 * threshold)
    warnings.push(
      `founders ≤ 2k (${founders} ≤ ${2 * threshold}): a few lost root keys can leave nobody able to admit or expel`
    )
  return warnings
}
