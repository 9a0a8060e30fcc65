import { describe, expect, it } from 'vitest'
import { audienceOf, type OutOfReachCode } from './audience.ts'
import type { Audience } from './hop.ts'
import { accepts, CIRCLE, charterOf, fold, institution, namesIn, revokes, viewOf, vouches } from './test-fixtures.ts'

/** The line of the demo: Reims–Valenciennes–Toulouse–Lorraine, Lorraine vouched in, Metz expelled. */
const FOUNDERS = ['reims', 'valenciennes', 'toulouse']
const KNOWN = [...FOUNDERS, 'lorraine', 'metz', 'brest', 'friend']
const roster = fold(charterOf(FOUNDERS, 2), [
  ...FOUNDERS.map((name) => accepts(name)),
  ...['lorraine', 'metz'].flatMap((name) => [accepts(name), vouches('reims', name), vouches('toulouse', name)]),
  ...['reims', 'valenciennes'].map((name) => revokes(name, 'metz')),
  vouches('reims', 'brest')
])
const view = viewOf([roster], ['reims', 'valenciennes', 'friend'])
const circle = { circle: CIRCLE }

function reach(stream: Omit<Audience, 'author'>, peers = ['valenciennes', 'friend'], self = 'reims') {
  const author = institution(self)
  const found = audienceOf(
    { author, ...stream },
    author,
    view,
    peers.map((peer) => institution(peer))
  )
  const refused: Record<string, OutOfReachCode> = {}
  for (const { institution: id, code } of found.refused) refused[namesIn([id], KNOWN)[0] ?? ''] = code
  return { direct: namesIn(found.direct, KNOWN), relay: namesIn(found.relay, KNOWN), refused }
}

describe('audienceOf', () => {
  it('TLP:AMBER: the peer directly, the other members by relay', () => {
    expect(reach({ tlp: 'AMBER', ...circle })).toEqual({
      direct: ['valenciennes'],
      relay: ['lorraine', 'toulouse'],
      refused: {
        metz: 'amber-receiver-not-member',
        brest: 'amber-receiver-not-member',
        friend: 'amber-receiver-not-member'
      }
    })
  })

  it('TLP:AMBER without any member among the peers: out of reach', () => {
    expect(reach({ tlp: 'AMBER', ...circle }, ['friend'])).toMatchObject({
      direct: [],
      relay: [],
      refused: { toulouse: 'out-of-reach', valenciennes: 'out-of-reach' }
    })
  })

  it('TLP:AMBER+STRICT: never relayed, so who is no peer is held back by that', () => {
    expect(reach({ tlp: 'AMBER+STRICT', ...circle })).toEqual({
      direct: ['valenciennes'],
      relay: [],
      refused: {
        toulouse: 'strict-relayed',
        lorraine: 'strict-relayed',
        metz: 'strict-not-member',
        brest: 'strict-not-member',
        friend: 'strict-not-member'
      }
    })
  })

  it('TLP:RED: the named recipient alone', () => {
    const others = { toulouse: 'red-not-recipient', lorraine: 'red-not-recipient', friend: 'red-not-recipient' }
    const toPeer = reach({ tlp: 'RED', recipient: institution('valenciennes') })
    expect(toPeer).toMatchObject({ direct: ['valenciennes'], relay: [], refused: others })
    const toStranger = reach({ tlp: 'RED', recipient: institution('lorraine') })
    expect(toStranger).toMatchObject({ direct: [], relay: [], refused: { lorraine: 'red-relayed' } })
  })

  it('TLP:GREEN: the community, and nobody outside it', () => {
    expect(reach({ tlp: 'GREEN' })).toEqual({
      direct: ['valenciennes'],
      relay: ['lorraine', 'toulouse'],
      refused: { metz: 'green-no-shared-circle', brest: 'green-no-shared-circle', friend: 'green-no-shared-circle' }
    })
  })

  it('TLP:CLEAR: every peer, and by relay everybody known', () => {
    expect(reach({ tlp: 'CLEAR' })).toEqual({
      direct: ['friend', 'valenciennes'],
      relay: ['brest', 'lorraine', 'metz', 'toulouse'],
      refused: {}
    })
  })

  it('lists nobody twice and never oneself', () => {
    for (const tlp of ['CLEAR', 'GREEN'] as const) {
      const { direct, relay, refused } = reach({ tlp }, ['reims', 'valenciennes', 'valenciennes'])
      const all = [...direct, ...relay, ...Object.keys(refused)]
      expect(new Set(all).size).toBe(all.length)
      expect(all).not.toContain('reims')
    }
  })
})
