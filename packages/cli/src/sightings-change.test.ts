import type { DraftView } from '@tocsin/api'
import { describe, expect, it } from 'vitest'
import { changeOf, changeSightings, checkOptions } from './sightings-change.ts'

const met = (value: string, bulletin = 'b1') => ({
  kind: 'sighting' as const,
  type: 'domain',
  value,
  bulletin,
  author: 'did:key:zA',
  authorName: 'A',
  count: 4,
  firstSeen: '2026-11-29T10:00:00.000Z',
  lastSeen: '2026-11-29T11:00:00.000Z'
})
const VIEW = {
  private: false,
  sightings: [met('evil.example'), met('evil.example', 'b2'), met('other.example')]
} as unknown as DraftView

describe('a change of sightings', () => {
  it('is nothing but what a person may say', () => {
    const [first] = changeOf(VIEW).sightings
    expect(first).toEqual({
      bulletin: 'b1',
      author: 'did:key:zA',
      type: 'domain',
      value: 'evil.example',
      kind: 'sighting',
      count: 4
    })
  })

  it('drops every sighting of a value in any defanging, and speaks of those that are meant', () => {
    const { sightings } = changeSightings(VIEW, { drop: ['evil[.]example'], kind: 'expiration', comment: 'gone' })
    expect(sightings).toMatchObject([{ value: 'other.example', kind: 'expiration', comment: 'gone' }])
    const some = changeSightings(VIEW, { of: ['other[.]example'], kind: 'false-positive' })
    expect(some.sightings.map(({ kind }) => kind)).toEqual(['sighting', 'sighting', 'false-positive'])
  })

  it('says to whom, and leaves it where nobody says', () => {
    expect(changeSightings(VIEW, { private: true }).private).toBe(true)
    expect(changeSightings({ ...VIEW, private: true }, { comment: 'x' }).private).toBe(true)
    expect(changeSightings({ ...VIEW, private: true }, { private: false }).private).toBe(false)
  })

  it('refuses a value that is in none, and an option of the other sort of draft', () => {
    expect(() => changeSightings(VIEW, { drop: ['evil.exmple'] })).toThrow(
      expect.objectContaining({ code: 'no-such-sighting', facts: { value: 'evil.exmple' } })
    )
    expect(() => checkOptions({ title: 'x', drop: [] }, true)).toThrow(
      expect.objectContaining({ code: 'option-not-for-draft', facts: { options: '--title' } })
    )
    expect(() => checkOptions({ kind: 'sighting' }, false)).toThrow(
      expect.objectContaining({ code: 'option-not-for-draft' })
    )
    checkOptions({ drop: [], kind: 'sighting' }, true)
    checkOptions({ drop: [], title: 'x' }, false)
  })
})
