import type { InstitutionId } from '@tocsin/model'
import type { SessionEnd, SessionRun } from './session-run.ts'
import { type Contender, replaces } from './tie.ts'

/** The present session with one peer and where it runs. */
export interface Link extends Contender {
  readonly institution: InstitutionId
  readonly direction: 'inbound' | 'outbound'
  readonly address: string
  readonly run: SessionRun
}

export interface Links {
  get(institution: InstitutionId): Link | undefined
  all(): readonly Link[]
  /** Closes every session that meets the condition, with the admissions that one already over still has waiting. */
  drop(condition: (link: Link) => boolean, code: string): void
  /**
   * One session a peer: starts `next` unless a link that should stay stands, and ends the one it replaces.
   * False: the newcomer lost, and the caller drops its stream.
   */
  offer(next: Omit<Link, 'run'>, start: () => SessionRun): boolean
  /** How often sessions ended with each code. */
  counts(): ReadonlyMap<string, number>
  /** Closes all with a code and resolves when every run, replaced ones too, is done. */
  closeAll(code: string): Promise<void>
}

/** @param onEnd called when the present link of a peer ended, not for one that was replaced */
export function createLinks(onEnd: (link: Link, end: SessionEnd) => void): Links {
  const links = new Map<InstitutionId, Link>()
  const running = new Set<Link>()
  const ends = new Map<string, number>()

  function watch(link: Link): void {
    running.add(link)
    link.run.done.then(() => running.delete(link))
    link.run.ended.then((end) => {
      ends.set(end.code, (ends.get(end.code) ?? 0) + 1)
      if (links.get(link.institution) !== link) return
      links.delete(link.institution)
      onEnd(link, end)
    })
  }

  // A run that is over lingers here for a moment, until its promise tells.
  function open(institution: InstitutionId): Link | undefined {
    const link = links.get(institution)
    return link?.run.isOpen() ? link : undefined
  }

  return {
    get: open,
    all: () => [...links.values()].filter((link) => link.run.isOpen()),
    offer(next, start) {
      const present = open(next.institution)
      if (present !== undefined && !replaces(present, next)) return false
      const link = { ...next, run: start() }
      links.set(next.institution, link)
      watch(link)
      present?.run.close(present.opener === next.opener ? 'replaced' : 'duplicate-link')
      return true
    },
    drop(condition, code) {
      for (const link of running) if (condition(link)) link.run.close(code)
    },
    counts: () => ends,
    async closeAll(code) {
      for (const link of running) link.run.close(code, true)
      await Promise.all([...running].map((link) => link.run.done))
    }
  }
}
