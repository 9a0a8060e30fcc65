import { emailDomain, type IndicatorType, parseIndicator, urlHost } from '@tocsin/model'
import { OMISSIONS, type OmissionCode } from './errors.ts'
import type { ExtractContext } from './extraction.ts'
import { createMemo } from './memo.ts'
import { addressesIn } from './persons.ts'
import { refangView } from './refang.ts'
import { isInternalAddress } from './special.ts'

/** Why a value stays here, and whose it is. */
export interface Omission {
  readonly code: OmissionCode
  readonly reason: string
  readonly institution?: string
}

/** What is nobody else's business: own and circle names, recipients, internal addresses, what was dropped by hand. */
export interface Minimisation {
  /** Marks a mail address as a recipient; call before judging. */
  addRecipient(address: string): void
  isRecipient(address: string): boolean
  judge(type: IndicatorType, value: string, raw: string): Omission | undefined
  /** The first victim named inside a text, in any encoding that a link may use. */
  personIn(text: string): { address: string; omission: Omission } | undefined
  /** The owner of a host, when it is ours or a member's. */
  ownerOf(host: string): Omission | undefined
  isContext(value: string, raw: string): boolean
}

/** Builds the rules of one extraction from what the institution knows about itself. */
export function createMinimisation(context: ExtractContext): Minimisation {
  const own = new Set(context.ownDomains.map(domainKey))
  const circle = new Map(context.circleDomains.map(({ domain, institution }) => [domainKey(domain), institution]))
  const dropped = new Set((context.drop ?? []).map(valueKey))
  const contextual = new Set((context.context ?? []).map(valueKey))
  const recipients = new Set<string>()
  const recipientNames = new Set<string>()

  return { addRecipient, isRecipient, judge, personIn, ownerOf, isContext }

  function addRecipient(address: string): void {
    const key = address.toLowerCase()
    const at = key.lastIndexOf('@')
    if (at < 1) return
    recipients.add(key)
    recipientNames.add(key.slice(0, at))
  }

  function isRecipient(address: string): boolean {
    return recipients.has(address.toLowerCase())
  }

  function isContext(value: string, raw: string): boolean {
    return contextual.size > 0 && (contextual.has(valueKey(value)) || contextual.has(valueKey(raw)))
  }

  function judge(type: IndicatorType, value: string, raw: string): Omission | undefined {
    if (dropped.size > 0 && (dropped.has(valueKey(value)) || dropped.has(valueKey(raw)))) return omission('dropped')
    if (type === 'ipv4' || type === 'ipv6' || type === 'cidr') {
      return isInternalAddress(value) ? omission('special-address') : undefined
    }
    if (type === 'email' && isRecipient(value)) return omission('recipient')
    if (type === 'account' && (isRecipient(value) || recipientNames.has(value.toLowerCase()))) {
      return omission('recipient')
    }
    const host = hostOf(type, value)
    if (host !== undefined) {
      if (type === 'url' && isInternalAddress(host)) return omission('special-address')
      const owner = ownerOf(host)
      if (owner !== undefined) {
        const isPerson = owner.institution !== undefined && (type === 'email' || type === 'account')
        return isPerson ? omission('account-of-member', owner.institution) : owner
      }
    }
    // A victim's address inside a link is cut out where the link is read (url.ts); elsewhere the whole value stays here.
    return mayNamePerson(type) ? personIn(value)?.omission : undefined
  }

  function personIn(text: string): { address: string; omission: Omission } | undefined {
    for (const address of addressesIn(text)) {
      if (recipients.has(address)) return { address, omission: omission('recipient') }
      const owner = ownerOf(address.slice(address.lastIndexOf('@') + 1))
      if (owner === undefined) continue
      const code = owner.institution === undefined ? 'own-domain' : 'account-of-member'
      return { address, omission: omission(code, owner.institution) }
    }
    return undefined
  }

  function ownerOf(host: string): Omission | undefined {
    // Label by label from the whole name upwards: 'univ.example.evil.com' is not ours.
    for (let name = host.toLowerCase(); name !== ''; ) {
      if (own.has(name)) return omission('own-domain')
      const institution = circle.get(name)
      if (institution !== undefined) return omission('circle-domain', institution)
      const dot = name.indexOf('.')
      name = dot < 0 ? '' : name.slice(dot + 1)
    }
    return undefined
  }
}

export function omission(code: OmissionCode, institution?: string): Omission {
  return institution === undefined ? { code, reason: OMISSIONS[code] } : { code, reason: OMISSIONS[code], institution }
}

function hostOf(type: IndicatorType, value: string): string | undefined {
  switch (type) {
    case 'domain':
      return value
    case 'url':
      return urlHost(value) ?? undefined
    case 'email':
      return emailDomain(value) ?? undefined
    case 'message-id':
    case 'account': {
      const at = value.lastIndexOf('@')
      return at < 0 ? undefined : value.slice(at + 1).replace(/>$/, '')
    }
    default:
      return undefined
  }
}

function mayNamePerson(type: IndicatorType): boolean {
  return type === 'email' || type === 'email-subject' || type === 'filename' || type === 'message-id'
}

// Asked of the same few names for every text.
const domainKey = createMemo((domain: string): string => {
  const parsed = parseIndicator('domain', domain)
  return parsed.ok ? parsed.value : domain.toLowerCase()
})

/** `--drop` and `--context` take a value as it was written or as it is shown, defanged or not. */
function valueKey(text: string): string {
  return refangView(text.trim()).text.replace(/^hxxp/i, 'http').toLowerCase()
}
