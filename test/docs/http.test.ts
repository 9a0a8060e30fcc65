/** docs/http.md has every route with its scope, and no other. */
import { readFileSync } from 'node:fs'
import { ROUTE_SCOPES } from '@tocsin/api'
import { FEED_NAMES } from '@tocsin/connectors'
import { expect, it } from 'vitest'

const TEXT = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8')

it('docs/http.md has every route with its scope, and no other', () => {
  const rows = [...TEXT.matchAll(/^\| `((?:GET|POST|DELETE) [^`]+)` \| (\w+) \| \S.* \|$/gm)]
  expect(rows.map(([, route, scope]) => [route, scope])).toEqual(Object.entries(ROUTE_SCOPES))
})

it('docs/http.md names every feed', () => {
  const [row = ''] = /^\| `GET \/v1\/feeds\/:name` .*$/m.exec(TEXT) ?? []
  expect([...row.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual([...FEED_NAMES])
})
