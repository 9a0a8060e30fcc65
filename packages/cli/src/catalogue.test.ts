import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TEXTS } from './catalogue.ts'
import { CLI_ERRORS } from './errors.ts'
import { createTranslate, pickLanguage } from './language.ts'

const placesOf = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted()

describe('the catalogue', () => {
  it.each(Object.entries(TEXTS))('says %s in both languages, with the same places', (_key, [en, fr]) => {
    expect(en.trim()).not.toBe('')
    expect(fr.trim()).not.toBe('')
    expect(placesOf(fr)).toEqual(placesOf(en))
  })

  it('has a text for each code of the command line', () => {
    for (const code of Object.keys(CLI_ERRORS)) expect(TEXTS).toHaveProperty(`error-${code}`)
  })

  it('has no text that nobody says', () => {
    const here = new URL('.', import.meta.url)
    const sources = readdirSync(here, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('catalogue'))
      .map((file) => readFileSync(new URL(file, here), 'utf8'))
      .join('\n')
    // Built from a code or a word of a view.
    const built = /^(?:error|advice|standing|event|domain|how|statement|why)-/
    const unused = Object.keys(TEXTS).filter((key) => !built.test(key) && !sources.includes(`'${key}'`))
    expect(unused).toEqual([])
  })

  it('fills its places and leaves unknown ones to be seen', () => {
    const t = createTranslate('fr')
    expect(t('peer-removed', { name: 'Reims' })).toBe('Reims n’est plus un pair.')
    expect(t('peer-removed')).toBe('{name} n’est plus un pair.')
  })
})

it.each([
  [{ LANG: 'fr_FR.UTF-8' }, 'fr'],
  [{ LANG: 'fr' }, 'fr'],
  [{ LANG: 'fr_FR.UTF-8', LC_ALL: 'C' }, 'en'],
  [{ LANG: 'en_GB.UTF-8', LC_ALL: '', LC_MESSAGES: 'fr_CA' }, 'fr'],
  [{ LANG: 'en_GB.UTF-8', LC_ALL: 'en_GB', TOCSIN_LANG: 'fr' }, 'fr'],
  [{ LANG: 'frr_DE' }, 'en'],
  [{}, 'en']
])('%o speaks %s', (environment, language) => expect(pickLanguage(environment)).toBe(language))
