import { defang, guessTypes, isIndicatorType } from '@tocsin/model'
import type { ApiPorts } from '../ports.ts'
import type { ExtractionView } from '../publish-views.ts'
import { INSTITUTIONS } from './institutions.ts'

/** Words of a text that read as an indicator; univ-reims.fr is ours and uphf.fr a member's. */
export async function extract({
  bytes,
  mail,
  drop,
  context
}: Parameters<ApiPorts['extract']>[0]): Promise<ExtractionView> {
  const text = Buffer.from(bytes).toString('utf8')
  const words = [...text.matchAll(/[^\s<>"]+/g)].flatMap((match) => {
    const best = guessTypes(match[0])[0]
    return best === undefined ||
      !isIndicatorType(best.type) ||
      best.type === 'filename' ||
      /^[\p{L}:]+$/u.test(match[0])
      ? []
      : [{ ...best, raw: match[0], start: match.index, end: match.index + match[0].length }]
  })
  const wanted = words.filter((it) => ['ipv4', 'domain', 'url', 'email', 'sha256', 'md5'].includes(it.type))
  const ours = (value: string) => /univ-reims\.fr$/.test(value)
  const theirs = (value: string) => /uphf\.fr$/.test(value)
  const kept = wanted.filter((it) => !ours(it.value) && !theirs(it.value) && !drop.includes(it.value))
  return {
    ...(mail ? { title: /^subject: *(.*)$/im.exec(text)?.[1]?.trim() ?? 'mail' } : {}),
    lang: 'fr',
    text,
    found: kept.map((it) => ({
      ...it,
      defanged: defang(it.type, it.value),
      role: context.includes(it.value) ? 'context' : 'malicious',
      where: 'text'
    })),
    refused: words
      .filter((it) => it.type === 'ipv6')
      .map((it) => ({ ...it, code: 'not-here', reason: 'the test takes no IPv6', where: 'text' })),
    leftOut: wanted.flatMap(({ type, value }): ExtractionView['leftOut'] =>
      ours(value)
        ? [{ type, value, code: 'own-domain', reason: 'our own domain', where: 'text' }]
        : theirs(value)
          ? [
              {
                type: 'account',
                value,
                code: 'account-of-member',
                reason: 'an account of a member',
                where: 'text',
                institution: INSTITUTIONS.valenciennes.id
              }
            ]
          : []
    ),
    attachments: []
  }
}
