import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stream } from '../items.fixture.ts'
import { changeOf, eachOwner, gatherOwners } from './owners.ts'
import { createPolicyZone } from './zone.ts'

const listOf = (owners: readonly string[]) => gatherOwners(stream([owners]))
const version = async (serial: number, owners: readonly string[]) => ({ serial, owners: await listOf(owners) })

describe('gatherOwners', () => {
  it('gives the owners back, and one hash however they come', async () => {
    const many = Array.from({ length: 5000 }, (_, i) => `name-${i}.example`)
    const list = await listOf(many)
    expect([...eachOwner(list)]).toEqual(many)
    expect(list.count).toBe(5000)
    expect(list.chunks.length).toBeGreaterThan(1)
    expect((await gatherOwners(stream(many.map((owner) => [owner])))).hash).toBe(list.hash)
    expect((await listOf(many.slice(1))).hash).not.toBe(list.hash)
  })
})

describe('changeOf', () => {
  it('leads from the one to the other, and takes nothing that stays', async () => {
    // Long names: some hundred of them are several chunks.
    const name = (n: number) => `${String(n).padStart(4, '0')}.${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}`
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 400 })
    await fc.assert(
      fc.asyncProperty(numbers, numbers, async (a, b) => {
        const [old, fresh] = [a, b].map((list) => list.sort((x, y) => x - y).map(name)) as [string[], string[]]
        const change = await changeOf(await listOf(old), await listOf(fresh), 10_000)
        expect(change?.removed.toSorted()).toEqual(old.filter((owner) => !fresh.includes(owner)))
        expect(change?.added.toSorted()).toEqual(fresh.filter((owner) => !old.includes(owner)))
      }),
      { numRuns: 60 }
    )
  })

  it('is none beyond its bound', async () => {
    const [none, two] = [await listOf([]), await listOf(['a', 'b'])]
    expect(await changeOf(none, two, 2)).toEqual({ removed: [], added: ['a', 'b'] })
    expect(await changeOf(none, two, 1)).toBeUndefined()
    expect(await changeOf(await listOf(['c', 'd']), two, 3)).toBeUndefined()
  })
})

describe('createPolicyZone', () => {
  it('remembers the last steps, as many as its limits allow', async () => {
    const zone = createPolicyZone({ steps: 2, owners: 100 })
    for (let serial = 1; serial <= 4; serial += 1) await zone.update(await version(serial, [`${serial}.example`]))
    expect(zone.since(1)).toBeUndefined()
    expect(zone.since(2)?.map(({ from, to }) => [from, to])).toEqual([
      [2, 3],
      [3, 4]
    ])
    expect(zone.since(4)).toBeUndefined()
    const narrow = createPolicyZone({ steps: 9, owners: 3 })
    for (let serial = 1; serial <= 4; serial += 1) await narrow.update(await version(serial, [`${serial}.example`]))
    expect(narrow.since(3)).toHaveLength(1)
    expect(narrow.since(2)).toBeUndefined()
  })

  it('forgets the way where a step is too big, or the serial does not go forward', async () => {
    const zone = createPolicyZone({ steps: 9, owners: 4 })
    await zone.update(await version(1, ['a']))
    await zone.update(await version(2, ['b']))
    await zone.update(await version(3, ['b', 'c', 'd', 'e', 'f', 'g']))
    expect(zone.since(1)).toBeUndefined()
    expect(zone.current()?.serial).toBe(3)
    await zone.update(await version(1, ['b', 'c']))
    expect(zone.since(3)).toBeUndefined()
    expect(zone.current()?.serial).toBe(1)
  })
})
