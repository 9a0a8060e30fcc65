import type { Reader } from '@tocsin/api'
import type { Pap } from '@tocsin/model'
import type { Sight } from '@tocsin/replica'

/** What a token may see, as the replica's readers take it: the setting for `detect` counts for look-ups as for feeds. */
export function sightOf({ detectNeeds }: { readonly detectNeeds: Pap }, reader: Reader): Sight {
  return { maxTlp: reader.maxTlp, use: reader.use, detectNeeds }
}
