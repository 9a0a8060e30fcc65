import type { Readable, Writable } from 'node:stream'
import type * as hunt from '@tocsin/hunt'
import type { Command } from 'commander'
import type { Language } from './language.ts'
import type { Session } from './session.ts'

/** Where the node's API is, and the token for it. */
export interface Connection {
  readonly baseUrl: string
  readonly token: string | undefined
}

/**
 * Signs with the root key. `message` is what the node prepared; `purpose` is `erase-now` or the kind of register
 * (`charter`, `acceptance`, `vouch`, `revocation`), whose domain string the signer puts in front. Returns the
 * signature, 64 bytes.
 */
export type RootSigner = (message: Uint8Array, purpose: RootPurpose, home: string) => Promise<Uint8Array>
export type RootPurpose = 'card' | 'charter' | 'acceptance' | 'vouch' | 'revocation' | 'erase-now'

/** The room that searches logs, loaded when it is asked for: no other command waits for it. */
export type HuntRoom = typeof hunt

/** Everything of the outside that a command touches, so that one runs in a test as it does at a terminal. */
export interface CliEnv {
  /** The home unless `--home` names another. */
  readonly home: string
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Whether somebody can be asked: standard error is a terminal, and standard input or the controlling one is. */
  readonly isTTY: boolean
  /** Answers once standard input was read to its end, as after `publish -`: `openTerminal`. */
  readonly terminal?: () => Readable | undefined
  readonly lang: Language
  readonly fetch: typeof globalThis.fetch
  /** Called with the home in force, at most once, by the first command that needs the node. */
  readonly connect: (home: string) => Promise<Connection>
  /** The hunt, which this room knows by its types alone. */
  readonly hunt: () => Promise<HuntRoom>
  /** None where the root key is kept elsewhere. */
  readonly rootSigner?: RootSigner
  /** VISUAL or EDITOR, as the user set it. */
  readonly editor?: string
  /** Aborts at Ctrl-C: ends `follow`. */
  readonly signal?: AbortSignal
  /** ms since epoch. */
  readonly now?: () => number
  /** Adds the commands that need keys or the store (`init`, `run` …). */
  readonly extend?: (program: Command, session: Session) => void
}
