import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { JOURNAL_ERRORS, JournalError } from './errors.ts'

describe('errors', () => {
  it('has no code that nothing throws', () => {
    const folder = new URL('.', import.meta.url)
    const sources = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'errors.ts')
      .map((name) => readFileSync(new URL(name, folder), 'utf8'))
      .join('\n')
    const unused = Object.keys(JOURNAL_ERRORS).filter((code) => !sources.includes(`'${code}'`))
    expect(unused).toEqual([])
  })

  it('carries code, message and facts', () => {
    const error = new JournalError('cbor-tag', undefined, { offset: 3 })
    expect(error).toMatchObject({
      name: 'JournalError',
      code: 'cbor-tag',
      message: JOURNAL_ERRORS['cbor-tag'],
      facts: { offset: 3 }
    })
  })
})
