/** `ioc-extractor` on the labelled set, read as kindly as its shapes allow. */
import { createMinimisation } from '@tocsin/extract'
import { type IndicatorType, parseIndicator, urlHost } from '@tocsin/model'
import { extractIOC, type IOC } from 'ioc-extractor'
import { LABELLED_CONTEXT, type Label, type LabelledText } from '../../../packages/extract/src/labelled.fixture.ts'

/** Its shapes that are types of ours. */
const TYPE_OF: Readonly<Partial<Record<keyof IOC, IndicatorType>>> = {
  asns: 'asn',
  btcs: 'btc',
  cves: 'vulnerability',
  domains: 'domain',
  emails: 'email',
  ipv4s: 'ipv4',
  ipv6s: 'ipv6',
  md5s: 'md5',
  sha1s: 'sha1',
  sha256s: 'sha256',
  sha512s: 'sha512',
  ssdeeps: 'ssdeep',
  urls: 'url'
}
export const REFERENCE_TYPES: readonly IndicatorType[] = Object.values(TYPE_OF)

/** It knows no reserved names (RFC 2606), so it is given the same texts with names that it can know. */
const known = (text: string): string => text.replace(/\bexample\b/g, 'com').replace(/\.test\b/g, '.net')

/** The set as the reference is asked: with names that it knows, in texts and labels. */
export function forReference(set: readonly LabelledText[]): LabelledText[] {
  return set.map((text) => ({
    ...text,
    text: known(text.text),
    says: text.says.map(normal)
  }))
}

function normal(label: Label): Label {
  const parsed = parseIndicator(label.type, known(label.value))
  return { ...label, value: parsed.ok ? parsed.value : known(label.value) }
}

const minimisation = createMinimisation(LABELLED_CONTEXT)

/**
 * What the reference finds, in our normal form. What is ours or a member's it cannot know; the host of a link or an
 * address and what has another type in our labels count neither for nor against it.
 */
export function readWithReference({ text, says }: LabelledText): { type: IndicatorType; value: string }[] {
  const iocs = extractIOC(text)
  const labelled = new Set(says.map(({ type, value }) => `${type} ${value}`))
  const beside = new Set(says.flatMap(({ type, value }) => [value, ...hostsOf(type, value)]))
  return Object.entries(TYPE_OF).flatMap(([key, type]) =>
    iocs[key as keyof IOC].flatMap((written) => {
      const parsed = parseIndicator(type, written)
      const value = parsed.ok ? parsed.value : written
      const counts =
        labelled.has(`${type} ${value}`) || !(beside.has(value) || minimisation.judge(type, value, written))
      return counts ? [{ type, value }] : []
    })
  )
}

function hostsOf(type: IndicatorType, value: string): string[] {
  if (type === 'url') return [urlHost(value) ?? '']
  if (type === 'cidr') return [value.slice(0, value.indexOf('/'))]
  return type === 'email' || type === 'message-id' ? [value.slice(value.lastIndexOf('@') + 1)] : []
}
