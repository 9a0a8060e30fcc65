/** Between the network's sessions and the replica: who is linked, what was refused, and twins of a peer's key. */
import { randomInt } from 'node:crypto'
import type { InstitutionId } from '@tocsin/model'
import type { Network } from '@tocsin/network'
import type { Replica } from '@tocsin/replica'
import {
  createHub,
  createSession,
  type IncomingBatch,
  type Outcome,
  type SyncReport,
  type SyncSession
} from '@tocsin/sync'
import { explain } from './explain.ts'

/** Uniform in [0, 1), and not to be foreseen from what was drawn before, as Math.random can be. */
const unforeseen = (): number => randomInt(2 ** 32) / 2 ** 32

export interface Sessions {
  open(peer: InstitutionId): SyncSession
  admit(batch: IncomingBatch): Promise<Outcome>
  admitRegisters(from: InstitutionId, registers: readonly Uint8Array[]): Promise<Outcome>
  report(peer: InstitutionId, report: SyncReport, network: Network): void
  /** What was refused, by `admit:CODE`; what sessions reported, by `sync:CODE`, if it is a code of ours: peers send theirs. */
  counts(): ReadonlyMap<string, number>
}

interface Instance {
  readonly instance: string
  readonly proof: Uint8Array
}

export function createSessions(replica: Replica): Sessions {
  const counts = new Map<string, number>()
  const hub = createHub()
  const instances = new Map<InstitutionId, Instance[]>()
  const linked = new Map<InstitutionId, number>()

  function count(name: string): void {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }

  function counted(outcome: Outcome): Outcome {
    if (outcome.code !== undefined) count(`admit:${outcome.code}`)
    return outcome
  }

  /** A peer's instance that comes back after another one was seen: two processes with one key are alive. */
  function sawInstance(peer: InstitutionId, seen: Instance, network: Network): void {
    const known = instances.get(peer) ?? []
    const last = known.at(-1)
    const returned =
      last !== undefined && last.instance !== seen.instance && known.some(({ instance }) => instance === seen.instance)
    if (returned) network.notifyTwin(peer, last)
    instances.set(peer, [...known.filter(({ instance }) => instance !== seen.instance), seen].slice(-4))
  }

  /** A peer that dials while its old link dies has two sessions for a moment: the end of one is not the end of the link. */
  function ended(peer: InstitutionId): void {
    const left = (linked.get(peer) ?? 1) - 1
    if (left > 0) linked.set(peer, left)
    else {
      linked.delete(peer)
      replica.unlinked(peer)
    }
  }

  return {
    open: (peer) => {
      const limits = { window: replica.pendingBytes(peer) }
      const session = createSession({ peer, replica: replica.sync, random: unforeseen, hub, limits })
      let open = true
      linked.set(peer, (linked.get(peer) ?? 0) + 1)
      return {
        peer,
        state: () => session.state(),
        handle: (event) => {
          const actions = session.handle(event)
          for (const action of actions) if (action.type === 'append') replica.foresee(action.batch)
          if (open && (event.type === 'closed' || actions.some(({ type }) => type === 'close'))) {
            open = false
            ended(peer)
          }
          return actions
        }
      }
    },
    admit: async (batch) => counted(await replica.admit(batch)),
    admitRegisters: async (from, registers) => counted(await replica.admitRegisters(registers, from)),
    report: (peer, report, network) => {
      if (report.type === 'linked') replica.linked(peer, report.skew)
      else if (report.type === 'instance') sawInstance(peer, report, network)
      else if (report.type === 'twin') replica.twin(report.instance, report.proof)
      else if ('code' in report) count(`sync:${explain(report.code) === undefined ? 'other' : report.code}`)
    },
    counts: () => counts
  }
}
