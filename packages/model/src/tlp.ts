/**
 * Traffic Light Protocol 2.0 (FIRST, August 2022): who may hold a thing. Ordered from the widest audience to the
 * narrowest; labels only ever tighten.
 */
export const TLPS = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const

/** One of the five labels, spelled as TLP 2.0 does, without the `TLP:` prefix. */
export type Tlp = (typeof TLPS)[number]

/**
 * Reads a label written by a person or a tool: any case, with or without `TLP:` (spaces around the colon allowed).
 * `WHITE`, the name of TLP 1.0, is read as CLEAR. Anything else is undefined: a label is never guessed.
 */
export function parseTlp(text: string): Tlp | undefined {
  if (text.length > 32) return undefined
  const name = /^\s*(?:tlp\s*:\s*)?([a-z]+(?:\+strict)?)\s*$/i.exec(text)?.[1]?.toUpperCase()
  if (name === 'WHITE') return 'CLEAR'
  return TLPS.find((tlp) => tlp === name)
}

/** The label as TLP 2.0 writes it: `TLP:AMBER+STRICT`, upper case, no space. */
export function formatTlp(tlp: Tlp): string {
  return `TLP:${tlp}`
}

/** 0 (CLEAR) to 4 (RED): the higher, the narrower the audience. */
export function tlpRank(tlp: Tlp): number {
  return TLPS.indexOf(tlp)
}

/** True if `tlp` is no stricter than `max`: what a token limited to `max` may see. */
export function tlpAtMost(tlp: Tlp, max: Tlp): boolean {
  return tlpRank(tlp) <= tlpRank(max)
}

/** The narrower of two labels. */
export function stricterTlp(a: Tlp, b: Tlp): Tlp {
  return tlpRank(a) >= tlpRank(b) ? a : b
}
