import { TEXTS, type TextKey } from './catalogue.ts'

/** The languages of the catalogue. */
export type Language = 'en' | 'fr'

/** What is filled into the `{places}` of a text. */
export type Facts = Readonly<Record<string, string | number>>

/** A text of the catalogue in the language of the session. */
export type Translate = (key: TextKey, facts?: Facts) => string

/** TOCSIN_LANG, else LC_ALL, LC_MESSAGES and LANG in the order of POSIX; whatever is not French is English. */
export function pickLanguage(environment: Readonly<Record<string, string | undefined>>): Language {
  const { TOCSIN_LANG, LC_ALL, LC_MESSAGES, LANG } = environment
  const chosen = [TOCSIN_LANG, LC_ALL, LC_MESSAGES, LANG].find((text) => text !== undefined && text !== '') ?? ''
  return /^fr\b|^fr_/i.test(chosen) ? 'fr' : 'en'
}

/** The texts of one language. */
export function createTranslate(language: Language): Translate {
  const column = language === 'fr' ? 1 : 0
  return (key, facts = {}) =>
    TEXTS[key][column].replace(/\{(\w+)\}/g, (place, name: string) => String(facts[name] ?? place))
}

/** The text of a key that may not be in the catalogue, such as the advice on a code. */
export function translateIfKnown(t: Translate, key: string, facts: Facts = {}): string | undefined {
  return Object.hasOwn(TEXTS, key) ? t(key as TextKey, facts) : undefined
}
