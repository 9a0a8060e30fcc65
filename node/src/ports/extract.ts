import type { ApiPorts } from '@tocsin/api'
import { type ExtractContext, extractMail, extractText } from '@tocsin/extract'
import { defang } from '@tocsin/model'
import type { Replica } from '@tocsin/replica'
import { institutionView, memberDomains } from './names.ts'

/** Indicators in a pasted text or mail; what belongs to us, to the circle or to the mail's recipients is left out and shown. */
export function createExtractPort(replica: Replica): ApiPorts['extract'] {
  return async ({ bytes, mail, drop, context }) => {
    const minimise: ExtractContext = { ...minimisationOf(replica), context, drop }
    const found = mail ? await extractMail(bytes, minimise) : extractText(new TextDecoder().decode(bytes), minimise)
    return {
      ...(found.title === undefined ? {} : { title: found.title }),
      ...(found.lang === undefined ? {} : { lang: found.lang }),
      // Without recipients and accounts of members: this is the text that an officer goes on to publish.
      text: found.minimisedText,
      found: found.found.map(({ type, value, raw, start, end, role, where }) => ({
        type,
        value,
        defanged: defang(type, value),
        raw,
        start,
        end,
        role,
        where
      })),
      refused: found.refused.map(({ raw, start, end, code, reason, where }) => ({
        raw,
        start,
        end,
        code,
        reason,
        where
      })),
      leftOut: found.leftOut.map(({ type, value, code, reason, where, institution }) => ({
        type,
        value,
        code,
        reason,
        where,
        ...(institution === undefined ? {} : { institution })
      })),
      attachments: found.attachments.map(({ name, mediaType, size, sha256, data }) => ({
        name,
        mediaType,
        size,
        sha256,
        base64: Buffer.from(data).toString('base64')
      }))
    }
  }
}

/** What this institution knows of itself and of the members of its circles. */
export function minimisationOf(replica: Replica): ExtractContext {
  const self = replica.identity.institution
  const all = memberDomains(replica)
  return {
    ownDomains: all.filter(({ institution }) => institution === self).map(({ domain }) => domain),
    circleDomains: all
      .filter(({ institution }) => institution !== self)
      .map(({ domain, institution }) => ({ domain, institution: institutionView(replica, institution).name }))
  }
}
