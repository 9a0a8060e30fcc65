import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ConfigSchema } from './config.ts'

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

/** Dotted paths of every setting; a list is written with `[]`. */
function settingsOf({ properties, items }: Schema, path = ''): string[] {
  if (items?.properties !== undefined) return settingsOf(items, `${path}[]`)
  if (properties === undefined) return [path]
  return Object.entries(properties).flatMap(([name, schema]) =>
    settingsOf(schema, path === '' ? name : `${path}.${name}`)
  )
}

describe('docs/configuration.md', () => {
  it('names every setting and no other', () => {
    const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
    const table = text.slice(0, text.indexOf('## Environment'))
    const documented = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name)
    const settings = settingsOf(z.toJSONSchema(ConfigSchema, { io: 'input' }) as Schema)
    expect(documented.toSorted()).toEqual(settings.toSorted())
  })
})
