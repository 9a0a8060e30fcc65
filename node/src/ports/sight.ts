import type { Reader } from '@tocsin/api'
import type { Sight } from '@tocsin/replica'

/** What a token may see, as the replica's readers take it. */
export function sightOf(reader: Reader): Sight {
  return { maxTlp: reader.maxTlp, use: reader.use }
}
