import { defang, type IndicatorType } from '@tocsin/model'
import { oneLine } from '../text.ts'

/**
 * Look-alikes for what Rocket.Chat's message grammar gives a meaning: emphasis, code, links, images, quotes, spoilers,
 * headings, channels, phone numbers, formulas, escapes — and `@`, which would ring everybody (`@all`, `@here`).
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  '@': '＠',
  '#': '＃',
  '*': '＊',
  _: '＿',
  '~': '～',
  '`': '’',
  '[': '［',
  ']': '］',
  '<': '‹',
  '>': '›',
  '|': '｜',
  $: '＄',
  '\\': '＼',
  '+': '＋'
}

/**
 * Free text of a peer for a chat message: one line, no mark-up, no mention, and nothing that the server would turn
 * into a link or fetch for a preview. Dots inside a word become `[dot]`, not `[.]`: the server's grammar takes square
 * brackets for letters of a host name.
 */
export function chatText(text: string, maxLength: number): string {
  return (
    oneLine(text, maxLength)
      .replace(/\bhttp(?=s?:)/gi, 'hxxp')
      .replace(/[@#*_~`[\]<>|$\\+]/g, (character) => LOOKALIKES[character] ?? '')
      .replaceAll('://', '[:]//')
      // Not before a parenthesis, where our own brackets would begin a link.
      .replace(/(?<=\S)[.。．｡](?=[^\s(])/gu, '[dot]')
  )
}

/**
 * One defanged value for a line of a code block, where nothing is mark-up but the fence itself. The server looks for
 * mentions in the raw text all the same, so every `@` stands in brackets.
 */
export function chatValue(type: IndicatorType, value: string, maxLength: number): string {
  return oneLine(defang(type, value), maxLength)
    .replaceAll('`', '’')
    .replace(/(?<!\[)@|@(?!\])/g, '[@]')
}
