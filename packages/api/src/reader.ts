/** Who asks, and what comes a page at a time. */
import type { Tlp, Use } from '@tocsin/model'

export type Scope = 'read' | 'publish' | 'admin'

/** Who asks: a token's rights. Every read is cut to `maxTlp` and to what PAP allows for `use` (DESIGN §6). */
export interface Reader {
  readonly token: string
  readonly scope: Scope
  readonly maxTlp: Tlp
  readonly use: Use
  /** Somebody outside the community: what it fetches is kept. */
  readonly isClient?: boolean
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Opaque cursor of the next page; none at the end. */
  readonly next?: string
}
