/** The tables of docs/formats.md, from the table of feeds. */
import { FEED_FIELDS, FEED_NAMES, FEEDS } from '@tocsin/connectors'
import { INDICATOR_TYPE_NAMES, INDICATOR_TYPES, mayUse, PAPS, TLPS, USES } from '@tocsin/model'

export const BEGIN = '<!-- made by scripts/formats-doc.ts: -->'
export const END = '<!-- end of what is made -->'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n')

/** Formats: what each is for, its most, and what a line says besides the value. */
function formats(): string {
  const head = ['format', 'what', 'use', 'most', ...FEED_FIELDS]
  const rows = FEED_NAMES.map((name) => {
    const { title, use, limit, says } = FEEDS[name]
    const fields = FEED_FIELDS.map((field) => (says.includes(field) ? '●' : ''))
    return [`\`${name}\``, title.en, use, limit === undefined ? '' : limit.toLocaleString('en'), ...fields]
  })
  return table(head, rows)
}

/** Uses: which labels each takes. TLP:RED is in no feed that runs by itself. */
function labels(): string {
  const head = ['use', ...TLPS.map((tlp) => `TLP:${tlp}`)]
  const rows = USES.map((use) => [
    use,
    ...TLPS.map((tlp) =>
      tlp === 'RED'
        ? ''
        : PAPS.filter((pap) => mayUse(tlp, pap, use).allowed)
            .map((pap) => `PAP:${pap}`)
            .join(' ')
    )
  ])
  return table(head, rows)
}

/** Types: which formats carry each, and for which types blocking is out of the question. */
function types(): string {
  const head = ['type', 'blocked', 'carried by']
  const everything = FEED_NAMES.filter((name) => FEEDS[name].types.length === INDICATOR_TYPE_NAMES.length)
  const rows = INDICATOR_TYPE_NAMES.map((type) => [
    type,
    INDICATOR_TYPES[type].uses.includes('block') ? '●' : '',
    FEED_NAMES.filter((name) => FEEDS[name].types.includes(type) && !everything.includes(name))
      .map((name) => `\`${name}\``)
      .join(', ')
  ])
  return [`Every type: ${everything.map((name) => `\`${name}\``).join(', ')}. Besides:`, '', table(head, rows)].join(
    '\n'
  )
}

/** What stands between the two marks of docs/formats.md. */
export function formatTables(): string {
  return ['', formats(), '', '### Labels', '', labels(), '', '### Types', '', types(), ''].join('\n')
}
