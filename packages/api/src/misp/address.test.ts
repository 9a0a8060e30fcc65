import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mispAddress } from './address.ts'

const ID = '5f0a1c9e-3f7a-4f0e-8a43-3f1c2b0a9d55'

describe('an address below /misp/', () => {
  it.each([
    ['GET', 'servers/getVersion', 'servers/getVersion'],
    ['GET', 'servers/getVersion.json', 'servers/getVersion'],
    ['GET', 'servers/getPyMISPVersion.json', 'servers/getPyMISPVersion.json'],
    ['GET', 'servers/getPyMISPVersion', 'servers/getPyMISPVersion.json'],
    ['GET', 'users/view/me.json', 'users/view/me'],
    ['GET', 'attributes/describeTypes.json', 'attributes/describeTypes.json'],
    ['GET', 'attributes/describeTypes', 'attributes/describeTypes.json'],
    ['GET', 'tags', 'tags'],
    ['GET', 'tags/', 'tags'],
    ['GET', 'tags/index', 'tags'],
    ['GET', 'tags/index.json', 'tags'],
    ['GET', 'events', 'events/index'],
    ['GET', 'events/index.json', 'events/index'],
    ['GET', '/events//index', 'events/index'],
    ['POST', 'events', 'events/add'],
    ['POST', 'events/add/metadata:1', 'events/add?metadata=1'],
    ['POST', 'events/index', 'events/index'],
    ['POST', 'events/restSearch.json', 'events/restSearch'],
    ['POST', 'attributes/restSearch/json', 'attributes/restSearch'],
    ['POST', 'events/restSearch/download', 'events/restSearch'],
    ['GET', `events/${ID}`, `events/view/${ID}`],
    ['GET', `events/${ID}.json`, `events/view/${ID}`],
    ['GET', 'events/view/12.json', 'events/view/12'],
    [
      'GET',
      'events/view/12/deleted[]:0/deleted%5B%5D:1/excludeGalaxy:1',
      'events/view/12?deleted=0&deleted=1&excludeGalaxy=1'
    ],
    ['POST', 'attributes/add/12/breakOnDuplicate:0', 'attributes/add/12?breakOnDuplicate=0'],
    ['POST', 'sightings/add/12?a=b', 'sightings/add/12?a=b'],
    // A search by what stands in its path: the query has it, and is refused there.
    ['POST', 'attributes/restSearch/type:url', 'attributes/restSearch?type=url']
  ])('%s %s is %s', (method, given, wanted) => {
    expect(mispAddress(method, `/misp/${given}`)).toBe(`/misp/${wanted}`)
  })

  it('leads nowhere else, whatever it is', () => {
    const piece = fc.constantFrom(
      '/',
      '.json',
      '..',
      'events',
      'index',
      'view',
      'a:b',
      '?',
      '%2f',
      ID,
      'constructor',
      '__proto__'
    )
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST'),
        fc.array(fc.oneof(piece, fc.string({ maxLength: 20 })), { maxLength: 8 }),
        (method, pieces) => {
          const once = mispAddress(method, `/misp/${pieces.join('')}`)
          expect(once.startsWith('/misp/')).toBe(true)
          expect(once.split('?')[0]).not.toContain('//')
        }
      )
    )
  })

  it('of other routes stays as it is', () => {
    for (const url of ['/v1/feeds/list.json', '/mispx/events/', '/misp', '/v1/bulletins/a:b'])
      expect(mispAddress('GET', url)).toBe(url)
  })
})
