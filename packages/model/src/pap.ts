/**
 * Permissible Actions Protocol (MISP taxonomy `PAP`, version 3): what may be done with a thing, so that an attacker
 * does not learn that he was seen. Ordered from all actions to passive ones only.
 */
export const PAPS = ['CLEAR', 'GREEN', 'AMBER', 'RED'] as const

/** One of the four labels, without the `PAP:` prefix. */
export type Pap = (typeof PAPS)[number]

/** Reads a label in any case, with or without `PAP:`; `WHITE`, the older name, is CLEAR; anything else is undefined. */
export function parsePap(text: string): Pap | undefined {
  if (text.length > 32) return undefined
  const name = /^\s*(?:pap\s*:\s*)?([a-z]+)\s*$/i.exec(text)?.[1]?.toUpperCase()
  if (name === 'WHITE') return 'CLEAR'
  return PAPS.find((pap) => pap === name)
}

/** The label as the taxonomy writes it: `PAP:GREEN`. */
export function formatPap(pap: Pap): string {
  return `PAP:${pap}`
}

/** 0 (CLEAR, everything is allowed) to 3 (RED, passive and undetectable actions only). */
export function papRank(pap: Pap): number {
  return PAPS.indexOf(pap)
}

/** The label that allows less. */
export function stricterPap(a: Pap, b: Pap): Pap {
  return papRank(a) >= papRank(b) ? a : b
}
