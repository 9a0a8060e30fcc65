import type { Tlp } from '@tocsin/model'
import type { StixId } from './ids.ts'

/** The extension by which FIRST's TLP 2.0 came to STIX 2.1 (OASIS, October 2022). */
const TLP_2_EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'

/** The official markings of TLP 2.0: constants, the same for everybody. */
export const TLP_MARKINGS: Readonly<Record<Tlp, StixId<'marking-definition'>>> = {
  CLEAR: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  GREEN: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  AMBER: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'AMBER+STRICT': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  RED: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1'
}

/** The object itself, which travels with what it marks: few consumers know TLP 2.0 by its ids. */
export function tlpMarking(tlp: Tlp): MarkingDefinition {
  return {
    type: 'marking-definition',
    spec_version: '2.1',
    id: TLP_MARKINGS[tlp],
    created: '2022-10-01T00:00:00.000Z',
    name: `TLP:${tlp}`,
    extensions: { [TLP_2_EXTENSION]: { extension_type: 'property-extension', tlp_2_0: tlp.toLowerCase() } }
  }
}

export interface MarkingDefinition {
  readonly type: 'marking-definition'
  readonly spec_version: '2.1'
  readonly id: StixId<'marking-definition'>
  readonly created: string
  readonly name: string
  readonly extensions: Readonly<
    Record<string, { readonly extension_type: 'property-extension'; readonly tlp_2_0: string }>
  >
}
