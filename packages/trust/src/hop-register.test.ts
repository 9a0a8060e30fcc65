import { describe, expect, it } from 'vitest'
import { type HoppingRegister, mayHopRegister, type RegisterHopCode } from './hop-register.ts'
import { accepts, CIRCLE, charterOf, fold, institution, resigns, revokes, viewOf, vouches } from './test-fixtures.ts'
import type { RosterView } from './view.ts'

const charter = charterOf(['reims', 'toulouse', 'silent', 'struck-founder', 'resigned-founder'], 2)
const statements = [
  ...['reims', 'toulouse', 'struck-founder', 'resigned-founder'].map((name) => accepts(name)),
  resigns('resigned-founder', { number: 2 }),
  ...['reims', 'toulouse', 'resigned-founder'].map((name) => revokes(name, 'struck-founder')),
  ...['lorraine', 'struck', 'resigned'].flatMap((name) => [
    accepts(name),
    vouches('reims', name),
    vouches('toulouse', name)
  ]),
  ...['reims', 'toulouse'].map((name) => revokes(name, 'struck')),
  resigns('resigned', { number: 2 }),
  accepts('candidate'),
  vouches('reims', 'candidate'),
  accepts('applicant')
]
const view = viewOf([
  fold(charterOf(['reims', 'toulouse', 'silent', 'struck-founder', 'resigned-founder'], 2), statements)
])
const ROLES = [
  'reims',
  'toulouse',
  'lorraine',
  'silent',
  'struck-founder',
  'resigned-founder',
  'struck',
  'resigned',
  'candidate',
  'applicant',
  'outsider'
]
const MEMBERS = ['reims', 'toulouse', 'lorraine']
const FOUNDERS = ['reims', 'toulouse', 'silent']

/** Who may exchange what belongs to the circle: the pairs of DESIGN §5's last row. */
function pair(from: string, to: string): boolean {
  if (MEMBERS.includes(from) && MEMBERS.includes(to)) return true
  if (FOUNDERS.includes(from) && FOUNDERS.includes(to)) return true
  const both = [from, to]
  return both.includes('reims') && both.includes('candidate')
}

type Outcome = RegisterHopCode | 'allowed'

function hop(register: HoppingRegister, from: string, to: string, by: RosterView = view, asker: string = to): Outcome {
  const verdict = mayHopRegister(register, institution(from), institution(to), by, institution(asker))
  return verdict.allowed ? 'allowed' : verdict.code
}

function register(kind: string, author: string, subject?: string): HoppingRegister {
  const circle = kind === 'card' ? {} : { circle: CIRCLE }
  return {
    kind,
    author: institution(author),
    ...circle,
    ...(subject === undefined ? {} : { subject: institution(subject) })
  }
}

function table(of: HoppingRegister): Record<string, Outcome> {
  return Object.fromEntries(ROLES.flatMap((from) => ROLES.map((to) => [`${from} → ${to}`, hop(of, from, to)])))
}

function expected(rule: (from: string, to: string) => Outcome): Record<string, Outcome> {
  return Object.fromEntries(ROLES.flatMap((from) => ROLES.map((to) => [`${from} → ${to}`, rule(from, to)])))
}

describe.each(ROLES)('the card of %s', (author) => {
  it('goes from and to its owner, and else within the circle if the owner has a place there', () => {
    const placed = [...MEMBERS, 'silent', 'candidate'].includes(author)
    expect(table(register('card', author))).toEqual(
      expected((from, to) =>
        from === author || to === author || (placed && pair(from, to)) ? 'allowed' : 'card-no-shared-circle'
      )
    )
  })
})

describe('a charter', () => {
  it('goes between the pairs of the circle', () => {
    expect(table(register('charter', 'reims'))).toEqual(
      expected((from, to) => (to === 'reims' || pair(from, to) ? 'allowed' : 'register-pair-outside'))
    )
  })

  it('is taken from any peer where its circle is unknown, unlike a statement', () => {
    const empty = viewOf([])
    expect(hop(register('charter', 'reims'), 'lorraine', 'outsider', empty)).toBe('allowed')
    expect(hop(register('acceptance', 'reims'), 'lorraine', 'outsider', empty)).toBe('unknown-circle')
    expect(hop({ kind: 'charter', author: institution('reims') }, 'reims', 'toulouse')).toBe('register-without-circle')
  })
})

/** Only these authors' statements can count in the fold; of candidates and the struck, only whether they accepted. */
const HEARD = [...MEMBERS, 'silent', 'struck-founder', 'resigned-founder']
const HEARD_OF = ['candidate', 'struck', 'resigned']

describe.each(['vouch', 'revocation'])('a %s', (kind) => {
  it.each(ROLES)('by %s about some outsider', (author) => {
    expect(table(register(kind, author, 'somebody'))).toEqual(
      expected((from, to) => {
        if (to === author) return 'allowed'
        if (!pair(from, to)) return 'register-pair-outside'
        return HEARD.includes(author) ? 'allowed' : 'register-author-outside'
      })
    )
  })
})

describe.each(['acceptance', 'resignation'])('an %s', (kind) => {
  it.each(ROLES)('by %s', (author) => {
    const speaks = ['silent', 'resigned-founder', 'resigned', 'candidate', ...MEMBERS].includes(author)
    expect(table(register(kind, author))).toEqual(
      expected((from, to) => {
        if (to === author) return 'allowed'
        // One's own word reaches whoever founds or belongs to the circle, over any link that exists.
        if (from === author && speaks && [...MEMBERS, 'silent'].includes(to)) return 'allowed'
        // Whoever was vouched for by the receiver may answer it, whatever the rest of the roster says.
        if (from === author && author === 'candidate' && to === 'reims') return 'allowed'
        if (!pair(from, to)) return 'register-pair-outside'
        return HEARD.includes(author) || HEARD_OF.includes(author) ? 'allowed' : 'register-author-outside'
      })
    )
  })
})

describe('a newcomer', () => {
  // Metz holds the charter alone; Lorraine, a member of rank 1, has vouched for it.
  const all = [...statements, vouches('lorraine', 'metz')]
  const atMetz = (held: typeof all) => viewOf([fold(charter, held)])

  it('takes the vouch for it from its author, and then what its voucher hands it, rank by rank', () => {
    expect(hop(register('vouch', 'lorraine', 'metz'), 'lorraine', 'metz', atMetz([]))).toBe('allowed')
    expect(hop(register('acceptance', 'reims'), 'lorraine', 'metz', atMetz([]))).toBe('register-pair-outside')
    const begun = atMetz([vouches('lorraine', 'metz')])
    expect(hop(register('acceptance', 'reims'), 'lorraine', 'metz', begun)).toBe('allowed')
    expect(hop(register('vouch', 'reims', 'lorraine'), 'lorraine', 'metz', begun)).toBe('allowed')
    expect(hop(register('acceptance', 'lorraine'), 'lorraine', 'metz', begun)).toBe('register-author-outside')
  })

  it('comes to the whole roster by repeating until nothing more is admitted', () => {
    let held: typeof all = []
    for (let before = -1; held.length !== before; ) {
      before = held.length
      const now = atMetz(held)
      held = all.filter((s) => {
        const subject = 'subject' in s ? { subject: s.subject } : {}
        const of = { kind: s.kind, author: s.author, circle: s.circle, ...subject }
        return held.includes(s) || mayHopRegister(of, institution('lorraine'), institution('metz'), now).allowed
      })
    }
    expect(fold(charter, held).digest).toBe(fold(charter, all).digest)
    expect(all.length - held.length).toBe(1) // the acceptance of one whom no member vouched for
  })

  it('may send its acceptance to its voucher, and to nobody it only heard of', () => {
    const begun = atMetz([vouches('lorraine', 'metz'), accepts('metz')])
    expect(hop(register('acceptance', 'metz'), 'metz', 'lorraine', begun)).toBe('allowed')
    expect(hop(register('acceptance', 'metz'), 'metz', 'outsider', begun)).toBe('register-pair-outside')
  })

  it('hands a stranger who vouched for it nothing of the circle', () => {
    const lured = viewOf([fold(charter, [...all, accepts('metz'), vouches('outsider', 'metz')])])
    for (const of of [
      register('charter', 'reims'),
      register('acceptance', 'reims'),
      register('vouch', 'reims', 'lorraine')
    ])
      expect(hop(of, 'metz', 'outsider', lured)).toBe('register-pair-outside')
    expect(hop(register('card', 'reims'), 'metz', 'outsider', lured)).toBe('card-no-shared-circle')
  })

  it('is handed nothing by a voucher that knows itself to be no member', () => {
    // A candidate vouches for its friend: the friend would take its word, and so it must not give it.
    const held = viewOf([fold(charter, [...statements, vouches('candidate', 'friend')])])
    for (const of of [
      register('charter', 'reims'),
      register('acceptance', 'reims'),
      register('vouch', 'reims', 'struck')
    ])
      expect([hop(of, 'candidate', 'friend', held), hop(of, 'candidate', 'friend', held, 'candidate')]).toEqual([
        'allowed',
        'register-pair-outside'
      ])
    const own = register('vouch', 'candidate', 'friend')
    expect(hop(own, 'candidate', 'friend', held, 'candidate')).toBe('allowed')
    const member = viewOf([fold(charter, [...statements, vouches('lorraine', 'friend')])])
    expect(hop(register('acceptance', 'reims'), 'lorraine', 'friend', member, 'lorraine')).toBe('allowed')
  })

  it('is handed nothing more once it has resigned', () => {
    const left = atMetz([vouches('lorraine', 'metz'), accepts('metz'), resigns('metz', { number: 2 })])
    expect(hop(register('acceptance', 'reims'), 'lorraine', 'metz', left)).toBe('register-pair-outside')
  })

  it('has no voucher in somebody struck or resigned, though nobody vouch for that one any more', () => {
    const gone = [accepts('gone'), resigns('gone', { number: 2 })]
    for (const voucher of ['struck', 'resigned', 'struck-founder', 'resigned-founder', 'gone']) {
      const held = viewOf([fold(charter, [...statements, ...gone, vouches(voucher, 'metz')])])
      expect(hop(register('vouch', voucher, 'metz'), voucher, 'metz', held)).toBe('register-pair-outside')
      expect(hop(register('acceptance', 'reims'), voucher, 'metz', held)).toBe('register-pair-outside')
    }
  })
})

describe.each(['receipt', 'presence'])('a %s', (kind) => {
  it('goes among members, from its author or relayed', () => {
    expect(hop(register(kind, 'reims'), 'reims', 'toulouse')).toBe('allowed')
    expect(hop(register(kind, 'reims'), 'lorraine', 'toulouse')).toBe('allowed')
  })

  it('goes to nobody else, not even to a candidate from its voucher', () => {
    const metz = viewOf([fold(charter, [...statements, vouches('lorraine', 'metz'), accepts('metz')])])
    expect(hop(register(kind, 'reims'), 'lorraine', 'metz', metz)).toBe('register-pair-outside')
    expect(hop(register(kind, 'metz'), 'metz', 'lorraine', metz)).toBe('register-pair-outside')
  })

  it('of somebody off the roster is passed on by nobody', () => {
    expect(hop(register(kind, 'struck'), 'reims', 'toulouse')).toBe('register-author-outside')
    expect(hop(register(kind, 'resigned'), 'reims', 'toulouse')).toBe('register-author-outside')
  })
})

describe('other registers', () => {
  it('are not exchanged', () => {
    expect(hop(register('whatever', 'reims'), 'reims', 'toulouse')).toBe('register-kind-unsupported')
  })
})
