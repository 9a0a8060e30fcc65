const FRENCH = new Set(
  'le la les des une un du et est pour dans sur avec par vous votre vos nous ce cette sont pas plus merci bonjour compte fichier lien que qui aux de en au à puis il elle je ne ce ou ont été voir'.split(
    ' '
  )
)
const ENGLISH = new Set(
  'the and is for in on with by you your we this that are not please account file link from of to has was have be it as'.split(
    ' '
  )
)
// Some thousand words tell as much as all of them. 'pas_un_ioc' and 'the.example' are no words of a language.
const SAMPLE = 4_000
const WORDS = /(?<![\p{L}\p{N}_.@/-])[a-zà-ÿ]{1,7}(?![\p{L}\p{N}_@/-]|[.:][^\s])/gu

/** French or English, by the small words; undefined where neither is plain. */
export function detectLang(text: string): 'fr' | 'en' | undefined {
  let french = 0
  let english = 0
  for (const [word] of text.slice(0, SAMPLE).toLowerCase().matchAll(WORDS)) {
    if (FRENCH.has(word)) french++
    if (ENGLISH.has(word)) english++
  }
  if (Math.max(french, english) < 2 || french === english) return undefined
  return french > english ? 'fr' : 'en'
}
