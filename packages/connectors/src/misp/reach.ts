/** Who may have an event or attribute, by its tags and by what MISP calls its distribution. */
import type { Tlp } from '@tocsin/model'
import type { ImportWarning, SourceLabels } from '../import.ts'
import { type Labels, type LabelsFor, labelsFor, labelsInTags } from '../import-labels.ts'

/**
 * Distribution (MISP core format §2.2.1.10): 0 the organisation alone, 1 its community, 2 connected communities, 3 all, 4 a
 * sharing group, 5 as what contains it. A community is what GREEN is for. What MISP keeps inside an organisation or a group
 * that is none of ours leaves it only where the operator says how: he set a TLP for the source.
 */
const WIDEST: Readonly<Record<string, Tlp>> = { '1': 'GREEN', '2': 'GREEN', '3': 'CLEAR' }
const CLOSED: ReadonlySet<string> = new Set(['0', '4'])

/** Tags may speak for a thing of ours that came back: its distribution says the same. */
export interface ReachOptions {
  readonly isOurs: boolean
  readonly container?: Labels
}

/** The labels that hold for what has these tags and this distribution. */
export function reachOf(
  tags: readonly string[],
  distribution: string | undefined,
  defaults: SourceLabels,
  { isOurs, container }: ReachOptions
): LabelsFor {
  const found = labelsFor(labelsInTags(tags), defaults, container)
  if (!found.ok || distribution === undefined || isOurs) return found
  if (CLOSED.has(distribution) && defaults.tlp === undefined) {
    const whose = distribution === '0' ? 'its organisation alone' : 'a sharing group'
    return { ok: false, code: 'distribution-closed', message: `for ${whose}, and no TLP is set for the source` }
  }
  const widest = CLOSED.has(distribution) ? defaults.tlp : WIDEST[distribution]
  if (widest === undefined) return found
  const cut = labelsFor({ tlp: [found.labels.tlp], pap: [] }, {}, { tlp: widest, pap: found.labels.pap })
  if (!cut.ok) return cut
  const warnings: readonly ImportWarning[] = cut.warnings.map((warning) => ({
    ...warning,
    message: `distribution ${distribution}: ${warning.message}`
  }))
  return { ...cut, warnings: [...found.warnings, ...warnings] }
}
