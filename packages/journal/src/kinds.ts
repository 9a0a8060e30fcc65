/** What an entry says. Codes are part of the signed header and never reused. */
export const ENTRY_CODES = { bulletin: 1, sighting: 2, retraction: 3, disabling: 4, attachment: 5 } as const

/** A kind of entry that this version reads. */
export type EntryKind = keyof typeof ENTRY_CODES

/** Kinds by their code; a code that is missing here is held opaque. */
export const KINDS_BY_CODE: ReadonlyMap<number, EntryKind> = new Map(
  (Object.keys(ENTRY_CODES) as EntryKind[]).map((kind) => [ENTRY_CODES[kind], kind])
)
