/** docs/http.md has every route with its scope, and no other. */
import { readFileSync } from 'node:fs'
import { ROUTE_SCOPES } from '@tocsin/api'
import { expect, it } from 'vitest'

const TEXT = readFileSync(new URL('../../docs/http.md', import.meta.url), 'utf8')

it('docs/http.md has every route with its scope, and no other', () => {
  const rows = [...TEXT.matchAll(/^\| `((?:GET|HEAD|POST|DELETE) [^`]+)` \| (\w+) \| \S.* \|$/gm)]
  expect(rows.map(([, route, scope]) => [route, scope])).toEqual(Object.entries(ROUTE_SCOPES))
})
