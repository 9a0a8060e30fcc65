import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ExtractContext, Extraction } from './extraction.ts'
import { looksLikeMail } from './looks-like-mail.ts'
import { extractMail } from './mail.ts'
import { extractText } from './text.ts'

// Every message of the corpus was written by hand, and so was what it says: nothing may be missing, nothing more found.
const CORPUS = new URL('../corpus/', import.meta.url)
const CONTEXT: ExtractContext = {
  ownDomains: ['univ-reims.fr'],
  circleDomains: [
    { domain: 'univ-lorraine.fr', institution: 'Lorraine' },
    { domain: 'uphf.fr', institution: 'Valenciennes' },
    { domain: 'ut-capitole.fr', institution: 'Toulouse Capitole' }
  ]
}

interface Expected {
  title: string | null
  lang: string | null
  found: { type: string; value: string; role: string }[]
  refused: { code: string; raw: string }[]
  leftOut: { code: string; type: string; value: string; institution?: string }[]
}

const files = readdirSync(fileURLToPath(CORPUS))
const names = files.filter((name) => name.endsWith('.txt') || name.endsWith('.eml')).sort()

function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(new URL(name.replace(/\.\w+$/, '.json'), CORPUS), 'utf8')) as Expected
}

/** The same rows in one order, since offsets are checked by themselves. */
function sorted<T>(rows: readonly T[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}

function rowsOf(extraction: Extraction): Expected {
  return {
    title: extraction.title ?? null,
    lang: extraction.lang ?? null,
    found: extraction.found.map(({ type, value, role }) => ({ type, value, role })),
    refused: extraction.refused.map(({ code, raw }) => ({ code, raw })),
    leftOut: extraction.leftOut.map(({ code, type, value, institution }) => ({
      code,
      type,
      value,
      ...(institution === undefined ? {} : { institution })
    }))
  }
}

describe('the corpus', () => {
  it('holds at least 25 messages and 6 mails', () => {
    expect(names.filter((name) => name.endsWith('.txt')).length).toBeGreaterThanOrEqual(25)
    expect(names.filter((name) => name.endsWith('.eml')).length).toBeGreaterThanOrEqual(6)
  })

  it.each(names)('%s', async (name) => {
    const bytes = readFileSync(new URL(name, CORPUS))
    const isMail = name.endsWith('.eml')
    expect(looksLikeMail(bytes)).toBe(isMail)
    const extraction = isMail ? await extractMail(bytes, CONTEXT) : extractText(bytes.toString('utf8'), CONTEXT)
    const expected = expectedOf(name)
    const rows = rowsOf(extraction)
    expect(sorted(rows.found)).toEqual(sorted(expected.found))
    expect(sorted(rows.leftOut)).toEqual(sorted(expected.leftOut))
    expect(sorted(rows.refused)).toEqual(sorted(expected.refused))
    expect({ title: rows.title, lang: rows.lang }).toEqual({ title: expected.title, lang: expected.lang })
    for (const row of [...extraction.found, ...extraction.refused, ...extraction.leftOut]) {
      expect(extraction.parts[row.where]?.slice(row.start, row.end)).toBe(row.raw)
    }
  })
})
