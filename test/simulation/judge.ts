/**
 * The invariants of DESIGN §9, judged from outside: what nodes hold, say and ask for, against the simulation's own record
 * of what was signed and its own telling of the law. Only the nodes that something happened to are looked at. Each part of
 * it is one file of `judge/`.
 */
import type { SignedRegister } from '@tocsin/journal'
import type { InstitutionId } from '@tocsin/model'
import type { Arrived } from '@tocsin/replica'
import type { SyncReport } from '@tocsin/sync'
import { broken } from './broken.ts'
import { createAgreement } from './judge/agreement.ts'
import { checkBounds } from './judge/bounds.ts'
import { createCourt } from './judge/court.ts'
import { checkErased } from './judge/erasure.ts'
import { createIntake } from './judge/intake.ts'
import { createLives } from './judge/lives.ts'
import type { Memory } from './judge/records.ts'
import { createRegisters } from './judge/registers.ts'
import { createSending } from './judge/sending.ts'
import type { Ledger } from './ledger.ts'
import { DAY } from './parties.ts'
import type { Process, SimNode } from './sim-node.ts'
import type { World } from './world.ts'

export interface Judge {
  readonly ledger: Ledger
  entries(process: Process, rows: readonly Arrived[], from: InstitutionId | undefined): void
  registers(process: Process): void
  alarm(process: Process, code: string): void
  sends(process: Process, to: SimNode, frame: Uint8Array): void
  reports(process: Process, peer: SimNode, report: SyncReport): void
  closes(code: string): void
  started(process: Process): void
  stops(process: Process): void
  /** @param began this node's time when the tick began */
  ticked(process: Process, began: number): void
  /** A node got the store of another. */
  copied(to: SimNode, from: SimNode): void
  /** What this node holds, to be given back when its disk is set back. */
  memory(node: SimNode): Memory
  setBack(node: SimNode, memory: Memory): void
  /** A root key signed this. */
  signs(signed: SignedRegister): void
  /** A root key ended this stream, and somebody holds its word. */
  ends(stream: string, last: number): void
  isTwinned(node: SimNode): boolean
  /** This publish was acknowledged. */
  acknowledged(node: SimNode, stream: string, seq: number, entry: string): void
  /** After every step. */
  check(): void
  /** Undefined when all that can agree agrees, else what does not. */
  disagreement(): string | undefined
  /** At rest: nothing that is due stands anywhere. */
  atRest(): void
  readonly counts: Map<string, number>
}

export function createJudge(world: World): Judge {
  const court = createCourt(world)
  const registers = createRegisters(court)
  const intake = createIntake(court)
  const lives = createLives(court, intake)
  const { count, recordOf, knowsOf } = court
  // Since the last check: something happened to these, and these hold other registers.
  const touched = new Set<Process>()
  const dirty = new Set<Process>()

  function changed(process: Process): void {
    court.changed(process)
    registers.said(process)
    touched.add(process)
    dirty.add(process)
  }

  function reports(process: Process, peer: SimNode, report: SyncReport): void {
    count(`report ${report.type}`)
    touched.add(process)
    if (process.node.isHostile || peer.isHostile) return
    // Honest software is never blamed, whatever others made of it.
    if (report.type === 'violation' || report.type === 'rejected')
      broken(
        'blame',
        process.node,
        `${report.type} ${report.code} of ${peer.index} ${'detail' in report ? report.detail : ''}`
      )
  }

  function ticked(process: Process, began: number): void {
    if (!process.isAlive) return
    touched.add(process)
    // 7: a roster is of a day.
    const { replica, node } = process
    // Its clock may have been set back while it ticked.
    const today = Math.floor(Math.min(began, replica.world.now()) / DAY)
    for (const circle of node.isHostile ? [] : replica.book.circles()) {
      const day = replica.book.roster(circle)?.day
      if (day === undefined || day < today)
        broken('7-day', node, `the roster of ${circle.slice(0, 8)} is of day ${day}, today is ${today}`)
    }
  }

  function check(): void {
    for (const process of dirty) checkRegisters(process)
    dirty.clear()
    for (const process of touched) if (process.isAlive) checkBounds(process)
    touched.clear()
  }

  function checkRegisters(process: Process): void {
    if (!process.isAlive || process.node.isHostile) return
    knowsOf(process)
    registers.check(process)
  }

  function atRest(): void {
    for (const { process, isHostile } of world.nodes) {
      if (process === undefined || isHostile) continue
      checkErased(court, process)
      lives.checkHeads(process)
    }
  }

  return {
    ledger: court.ledger,
    counts: court.counts,
    signs: registers.signs,
    ends: (stream, last) => {
      court.ledger.closes(stream, last)
      count('closings')
    },
    isTwinned: (node) => recordOf(node).isTwinned,
    acknowledged: intake.acknowledged,
    entries: (process, rows, from) => {
      touched.add(process)
      intake.entries(process, rows, from)
    },
    registers: changed,
    alarm: (process, code) => {
      count(`alarm ${code}`)
      touched.add(process)
    },
    sends: createSending(court, registers),
    reports,
    closes: (code) => count(`close ${code}`),
    started: (process) => {
      changed(process)
      registers.said(process)
      lives.started(process)
    },
    stops: (process) => {
      touched.delete(process)
      dirty.delete(process)
    },
    ticked,
    copied: court.copied,
    memory: court.memory,
    setBack: court.setBack,
    check,
    disagreement: createAgreement(court),
    atRest
  }
}
