import type { ImportedSighting, ImportInfo, ImportOptions, ImportRefusal } from './import.ts'
import { type ReadDraft, readImport } from './import-run.ts'

/** What the tests of this room say of the institution: Reims, in a circle with Metz. */
export const OPTIONS: ImportOptions = {
  source: 'test',
  labels: { tlp: 'AMBER', pap: 'GREEN' },
  context: {
    ownDomains: ['univ-reims.fr'],
    circleDomains: [{ domain: 'univ-metz.fr', institution: 'Metz' }]
  },
  now: Date.UTC(2026, 10, 30, 12)
}

/** Text or bytes in pieces of `size` bytes. */
export async function* pieces(source: string | Uint8Array, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(source)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** Everything that an import makes of a source. */
export async function imported(
  info: ImportInfo,
  source: string | Uint8Array,
  options: Partial<ImportOptions> = {},
  size?: number
): Promise<{ drafts: ReadDraft[]; refused: ImportRefusal[] }> {
  const drafts: ReadDraft[] = []
  const refused: ImportRefusal[] = []
  for await (const item of readImport(info, pieces(source, size), { ...OPTIONS, ...options })) {
    if (item.kind === 'draft') drafts.push(item)
    else if (item.kind === 'refused') refused.push(item)
  }
  return { drafts, refused }
}

/** The sightings of a source, and what is refused of it. */
export async function sighted(
  info: ImportInfo,
  source: string | Uint8Array,
  size?: number
): Promise<{ sightings: ImportedSighting[]; refused: ImportRefusal[] }> {
  const sightings: ImportedSighting[] = []
  const refused: ImportRefusal[] = []
  for await (const item of readImport(info, pieces(source, size), OPTIONS)) {
    if (item.kind === 'sighting') sightings.push(item)
    else if (item.kind === 'refused') refused.push(item)
  }
  return { sightings, refused }
}
