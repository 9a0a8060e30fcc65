/** What root and node keys signed: 5 nothing else is held, and no number falls; 1 who may be told of it. */
import type { SignedRegister, StreamDescriptor } from '@tocsin/journal'
import type { CircleId, InstitutionId, StreamId } from '@tocsin/model'
import { parseForkProof } from '@tocsin/trust'
import { broken } from '../broken.ts'
import { mayGo } from '../law.ts'
import type { Process, SimNode } from '../sim-node.ts'
import type { Court } from './court.ts'
import { createReceiptCheck } from './receipts.ts'

export interface Registers {
  /** A root key signed this. */
  signs(signed: SignedRegister): void
  /** What this process signed by itself: receipts and presences under its own node key. */
  said(process: Process): void
  /** What this process holds. */
  check(process: Process): void
  /** What it sends. */
  goes(process: Process, to: SimNode, address: string): void
}

export function createRegisters(court: Court): Registers {
  const { world, ledger, recordOf, knowsOf, numberOf } = court
  const checkReceipt = createReceiptCheck(court)
  // Hashes of what was signed, and per circle who ever had a place in it.
  const genuine = new Set<string>()
  const placed = new Map<CircleId, Set<InstitutionId>>()

  function signs({ register, hash }: SignedRegister): void {
    genuine.add(hash)
    const { circle } = register
    if (circle === undefined) return
    const all = placed.get(circle) ?? new Set()
    placed.set(circle, all)
    if (register.kind === 'charter') for (const id of register.value.founders) all.add(id)
    if (register.subject !== undefined && register.kind === 'vouch') all.add(register.subject)
  }

  function said(process: Process): void {
    const { replica } = process
    const { institution, nodeKey } = replica.identity
    for (const circle of replica.book.circles())
      for (const kind of ['presence', 'receipt'] as const)
        for (const { register, hash } of replica.book.saidIn(circle, kind))
          if (register.author === institution && register.signer === nodeKey && !genuine.has(hash)) {
            genuine.add(hash)
            if (register.kind === 'receipt') checkReceipt(process, circle, register.value)
          }
  }

  function check(process: Process): void {
    const { node, replica } = process
    const record = recordOf(node)
    for (const signed of replica.book.all()) {
      const { address, register } = signed
      if (!genuine.has(signed.hash))
        broken('5-genuine', node, `a ${register.kind} of ${numberOf(register.author)} was never signed`)
      // Held until everything in its stream is past its time, and no longer.
      if (register.kind === 'closing') {
        const { stream = '' } = register
        record.ended.set(stream, record.ended.get(stream) ?? world.now())
        continue
      }
      const before = record.registers.get(address)
      if (before !== undefined && before > register.number)
        broken('5-register-falls', node, `${register.kind} fell from ${before} to ${register.number}`)
      record.registers.set(address, register.number)
    }
  }

  /** A coarse bound: of a circle's statements and cards nobody hears who never had a place in it. */
  function goes(process: Process, to: SimNode, address: string): void {
    const { replica, node } = process
    const signed = replica.book.at(address)
    if (signed === undefined) {
      const bytes = replica.sync.register(address)
      if (bytes === undefined) broken('1-offers', node, `sends an unknown register ${address}`)
      proofGoes(process, to, bytes)
      return
    }
    const { kind, author, circle, stream } = signed.register
    if (stream !== undefined) {
      evidenceGoes(process, to, descriptorOf(stream), 'the end')
      return
    }
    const [self, peer] = [node.party.id, to.party.id]
    if (author === self || author === peer) return
    const isTold = (id: CircleId): boolean => placed.get(id)?.has(peer) === true
    const may =
      kind === 'card'
        ? [...placed].some(([id, all]) => isTold(id) && all.has(author))
        : circle !== undefined && isTold(circle)
    if (!may) broken('1-offers', node, `tells ${to.index} of a ${kind} of ${numberOf(author)}`)
  }

  /** The proof of a fork goes where the forked stream may be: between members of its circle also where it is STRICT. */
  function proofGoes(process: Process, to: SimNode, bytes: Uint8Array): void {
    evidenceGoes(process, to, parseForkProof(bytes).descriptor, 'a fork')
  }

  function descriptorOf(stream: StreamId): StreamDescriptor {
    const truth = ledger.stream(stream)
    if (truth === undefined) throw new RangeError(`a closing of an unknown stream ${stream}`)
    return truth.descriptor
  }

  /** A closing or the proof of a fork. */
  function evidenceGoes(process: Process, to: SimNode, descriptor: StreamDescriptor, what: string): void {
    const { author, tlp, circle } = descriptor
    const [self, peer] = [process.node.party.id, to.party.id]
    const knows = knowsOf(process)
    const members = circle === undefined ? undefined : knows.circles.get(circle)
    const isAmber = tlp === 'AMBER' || tlp === 'AMBER+STRICT'
    const may = isAmber
      ? peer === author || ((self === author || members?.has(self) === true) && members?.has(peer) === true)
      : mayGo(descriptor, self, peer, knows)
    if (!may) broken('1-offers', process.node, `tells ${to.index} of ${what} of ${tlp} of ${numberOf(author)}`)
  }

  return { signs, said, check, goes }
}
