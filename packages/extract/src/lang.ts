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
const SAMPLE = 20_000

/** French or English, by the small words; undefined where neither is plain. */
export function detectLang(text: string): 'fr' | 'en' | undefined {
  let french = 0
  let english = 0
  for (const written of text
    .slice(0, SAMPLE)
    .toLowerCase()
    .split(/[\s'’]+/u)) {
    // 'pas_un_ioc' and 'the.example' are no words of a language.
    const word = /^[^\p{L}\p{N}]?(\p{L}+)[^\p{L}\p{N}]?$/u.exec(written)?.[1] ?? ''
    if (FRENCH.has(word)) french++
    if (ENGLISH.has(word)) english++
  }
  if (Math.max(french, english) < 2 || french === english) return undefined
  return french > english ? 'fr' : 'en'
}
