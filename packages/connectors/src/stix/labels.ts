/** The labels that a STIX object carries: TLP 2.0 and 1.0 by their official ids, whatever its bundle defines, its tags. */
import { isObject, type JsonObject, textIn } from '../import-json.ts'
import { labelsInTags, type SaidLabels } from '../import-labels.ts'
import { TLP_MARKINGS } from './marking.ts'

/** TLP 1.0 (STIX 2.1 §7.2.1.4), which is read and never written. WHITE has become CLEAR. */
const TLP_1: Readonly<Record<string, string>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'WHITE',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'GREEN',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'AMBER',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'RED'
}

const OFFICIAL: ReadonlyMap<string, string> = new Map([
  ...Object.entries(TLP_1),
  ...Object.entries(TLP_MARKINGS).map(([tlp, id]): [string, string] => [id, tlp])
])

/** Labels and other tags of an object, what its parts are marked with included: the strictest is taken in the end. */
export function labelsOf(
  object: JsonObject,
  known: ReadonlyMap<string, JsonObject>
): SaidLabels & { readonly others: readonly string[] } {
  const tags = labelsInTags(textsIn(object, 'labels'))
  const tlp = [...tags.tlp]
  const pap = [...tags.pap]
  const granular = Array.isArray(object.granular_markings) ? object.granular_markings.filter(isObject) : []
  const refs = [
    ...textsIn(object, 'object_marking_refs'),
    ...granular.flatMap((marking) => textIn(marking, 'marking_ref') ?? [])
  ]
  for (const ref of new Set(refs)) {
    const official = OFFICIAL.get(ref)
    const marking = known.get(ref)
    if (official !== undefined) tlp.push(official)
    // What it says nobody here can know, and it may well be a label.
    else if (marking === undefined) tlp.push(ref)
    else {
      const said = labelIn(marking)
      if (/^pap/i.test(said ?? '')) pap.push(said ?? '')
      else if (said !== undefined) tlp.push(said)
    }
  }
  return { tlp, pap, others: tags.others }
}

/** What a marking definition says, if it is a label: others are statements of copyright and the like. */
function labelIn(marking: JsonObject): string | undefined {
  const extensions = isObject(marking.extensions) ? Object.values(marking.extensions).filter(isObject) : []
  const second = extensions.map((extension) => textIn(extension, 'tlp_2_0')).find((text) => text !== undefined)
  if (second !== undefined) return second
  const definition = isObject(marking.definition) ? marking.definition : {}
  const type = textIn(marking, 'definition_type')?.toLowerCase()
  if (type === 'tlp') return textIn(definition, 'tlp') ?? 'tlp'
  const name = textIn(marking, 'name') ?? textIn(definition, 'statement') ?? textIn(definition, 'pap')
  return name !== undefined && /^(?:tlp|pap)\s*:/i.test(name) ? name : undefined
}

/** The texts of a list, the rest passed over. */
export function textsIn(object: JsonObject, name: string): readonly string[] {
  const list = Object.hasOwn(object, name) ? object[name] : undefined
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : []
}
