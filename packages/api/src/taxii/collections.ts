import type { Use } from '@tocsin/model'
import type { Reader } from '../reader.ts'

/**
 * One collection a use class: a token speaks for one use, and what it may see within it is cut by its TLP, so a client has
 * one collection and nothing to choose. The ids are the same at every node, so that guides can name addresses.
 */
export interface Collection {
  readonly id: string
  readonly use: Use
  readonly title: string
  readonly description: string
}

export const COLLECTIONS: readonly Collection[] = [
  {
    id: '2bc65bc3-39e5-4b37-b58b-aff7c287cd26',
    use: 'hunt',
    title: 'Hunt',
    description: 'For searches in logs that are kept already.'
  },
  {
    id: '949a5ff9-3651-4a20-817c-dc43da95d6e5',
    use: 'detect',
    title: 'Detect',
    description: 'For rules that alert and do not block: SIEM, IDS, NDR.'
  },
  {
    id: '7c507dc2-ae1a-4d8c-ad9e-afe2af2c5491',
    use: 'enrich',
    title: 'Enrich',
    description: 'For look-ups, at third parties too.'
  },
  {
    id: '5f1af162-cf79-45ce-b236-dce9a2e7d6c4',
    use: 'block',
    title: 'Block',
    description: 'For firewalls, resolvers, proxies and mail filters; what the safety catch holds back is not in it.'
  },
  {
    id: '09c2051e-e047-43e9-bf78-86d63d0056c6',
    use: 'release',
    title: 'Release',
    description: 'For the public: TLP:CLEAR and PAP:CLEAR alone.'
  }
]

/** What a token may read; an admin, all of them. */
export function collectionsOf(reader: Reader): readonly Collection[] {
  return COLLECTIONS.filter(({ use }) => reader.scope === 'admin' || use === reader.use)
}

/** By its id, or by its alias: the name of its use. */
export function collectionNamed(text: string): Collection | undefined {
  return COLLECTIONS.find(({ id, use }) => id === text || use === text)
}

/** Where others hand objects in: they become drafts, which a person reviews. Nothing is read here. */
export const INBOX = {
  id: 'e33ad7a9-9129-4218-81f5-01d93ecc7d8e',
  alias: 'inbox',
  title: 'Inbox',
  description: 'What is added here waits as drafts until an officer publishes it.'
} as const

/** True for the id or alias of the inbox. */
export function isInbox(text: string): boolean {
  return text === INBOX.id || text === INBOX.alias
}
