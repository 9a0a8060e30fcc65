/** What a bulletin's body says, made ready for the store: by the bytes alone, so that any thread may do it. */
import { openBody } from '@tocsin/journal'
import { type Bulletin, INDICATOR_TYPES, type Indicator } from '@tocsin/model'
import {
  type BulletinSummary,
  createIndicatorPacker,
  type IndicatorRow,
  type PackedRows,
  valuePart,
  zonePart
} from '@tocsin/store'

export type ReadBulletin =
  | { readonly ok: true; readonly summary: BulletinSummary; readonly rows: PackedRows }
  | { readonly ok: false; readonly code: string }

/** Opens the body and packs its indicators' rows; the arrival is still to be set. Never throws. */
export function readBulletin(body: Uint8Array): ReadBulletin {
  const opened = openBody('bulletin', body)
  if (!opened.ok) return { ok: false, code: opened.code }
  return { ok: true, summary: summaryOf(opened.value), rows: packIndicators(opened.value.indicators) }
}

/** Index part of an indicator's value in keys. */
export function indicatorPart(indicator: {
  readonly type: keyof typeof INDICATOR_TYPES
  readonly value: string
}): Uint8Array {
  const info = INDICATOR_TYPES[indicator.type]
  if (hasZones(indicator.type)) return zonePart(info.code, info.indexKey(indicator.value))
  return valuePart(info.code, indicator.value)
}

/** Only names have zones to look below. */
function hasZones(type: keyof typeof INDICATOR_TYPES): boolean {
  return type === 'domain'
}

/** The same as text, to compare and to keep in rows. */
export function partText(indicator: Parameters<typeof indicatorPart>[0]): string {
  return Buffer.from(indicatorPart(indicator)).toString('base64')
}

/** The rows of a bulletin's indicators, whatever its arrival: the same as `keys.indicator` over `indicatorPart` (test). */
function packIndicators(indicators: readonly Indicator[]): PackedRows {
  const packer = createIndicatorPacker(indicators.length)
  for (const { type, value, role, comment, firstSeen, lastSeen, validUntil } of indicators) {
    const info = INDICATOR_TYPES[type]
    // Undefined fields are left out by JSON.
    const row: UndefinedToo<IndicatorRow> = {
      r: role === 'malicious' ? 1 : 0,
      c: comment,
      f: firstSeen,
      l: lastSeen,
      u: validUntil,
      v: value
    }
    packer.add(info.code, value, hasZones(type) ? info.indexKey(value) : undefined, JSON.stringify(row))
  }
  return packer.done()
}

type UndefinedToo<Row> = { readonly [Field in keyof Row]: Row[Field] | undefined }

function summaryOf(bulletin: Bulletin): BulletinSummary {
  return {
    id: bulletin.id,
    title: bulletin.title,
    threat: bulletin.threat,
    pap: bulletin.pap,
    confidence: bulletin.confidence,
    count: bulletin.indicators.length,
    types: [...new Set(bulletin.indicators.map(({ type }) => type))],
    ...(bulletin.supersedes === undefined ? {} : { supersedes: bulletin.supersedes }),
    ...(bulletin.about.length === 0 ? {} : { about: bulletin.about })
  }
}
