/**
 * What was changed in the files of the home, which no token guards: file feeds, configuration, never-block.txt. The node
 * finds it when it reads them, after a start also what was changed meanwhile, and puts it on the record of acts.
 */
import { createHash } from 'node:crypto'
import { keys, readRow, type Store, writeRow } from '@tocsin/store'
import type { Tokens } from './ports/tokens.ts'

export interface HomeRecord {
  /** Feeds by name. Each that is new, other than before or gone is an act. */
  feeds(feeds: readonly { readonly name: string }[]): Promise<void>
  /** Sections of config.toml and the text of never-block.txt, as they are at the start. */
  settings(config: object, neverBlock: Uint8Array): Promise<void>
}

type Prints = Readonly<Record<string, string>>

const AREA = 'home-print'

export function createHomeRecord({ store }: { readonly store: Store }, tokens: Pick<Tokens, 'atHome'>): HomeRecord {
  const before = (what: string): Prints | undefined => {
    const row = store.get(keys.local(AREA, what))
    return row === undefined ? undefined : readRow<Prints>(row)
  }

  async function note(what: string, now: Prints, acts: readonly (readonly [route: string, about: string])[]) {
    for (const [route, about] of acts) await tokens.atHome(route, about)
    // Last: after a crash an act is on record twice rather than not at all.
    await store.transact((tx) => tx.put(keys.local(AREA, what), writeRow(now)))
  }

  return {
    feeds: async (feeds) => {
      const was = before('feeds') ?? {}
      const now = Object.fromEntries(feeds.map((feed) => [feed.name, printOf(feed)]))
      const acts = [
        ...Object.keys(now)
          .filter((name) => was[name] !== now[name])
          .map((name) => [was[name] === undefined ? 'feed add' : 'feed change', name] as const),
        ...Object.keys(was)
          .filter((name) => now[name] === undefined)
          .map((name) => ['feed remove', name] as const)
      ]
      if (acts.length > 0) await note('feeds', now, acts)
    },
    settings: async (config, neverBlock) => {
      const was = before('settings')
      const sections = Object.entries(config).map(([name, value]) => [name, printOf(value)] as const)
      const now: Prints = { ...Object.fromEntries(sections), [NEVER_BLOCK]: printOf(Buffer.from(neverBlock)) }
      const names = [...new Set([...Object.keys(was ?? {}), ...Object.keys(now)])]
      const changed = names.filter((name) => was?.[name] !== now[name])
      if (changed.length === 0) return
      // At the very first start nothing was changed: what is there is the beginning.
      const acts = was === undefined ? [] : changed.map((name) => actOf(name))
      await note('settings', now, acts)
    }
  }
}

const NEVER_BLOCK = 'never-block.txt'

const actOf = (name: string): readonly [string, string] =>
  name === NEVER_BLOCK ? ['file change', NEVER_BLOCK] : ['config change', name]

/** What stands there may be a secret: of it nothing is kept that tells it from outside this home. */
function printOf(value: unknown): string {
  const text = Buffer.isBuffer(value) ? value : (JSON.stringify(value) ?? '')
  return createHash('sha256').update(text).digest('hex')
}
