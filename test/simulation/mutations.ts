/**
 * Bugs planted one at a time, each of which the simulation has to find. `find` must occur exactly once in the file, so
 * that a change of the code cannot leave a mutation that plants nothing.
 */
import type { Topology } from './topology.ts'

export interface Mutation {
  readonly name: string
  /** From the root of the repository. */
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Rules of the judge, one of which has to break; `exception` for what the code itself refuses. */
  readonly caughtBy: readonly string[]
  /** The world that shows it soonest. */
  readonly world?: { readonly nodes?: number; readonly topology?: Topology; readonly steps?: number }
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'skip the signature check',
    file: 'packages/replica/src/admit.ts',
    find: "if (!(reading?.signed ?? verifyHeader(key, signed))) throw Refusal.reject('bad-signature')",
    replace: '',
    caughtBy: ['5-signature', '5-genuine']
  },
  {
    name: 'skip the body hash',
    file: 'packages/replica/src/admit.ts',
    find: "if (body !== null && !(reading?.matches ?? bodyMatches(header, body))) throw Refusal.reject('body-mismatch')",
    replace: '',
    caughtBy: ['5-body']
  },
  {
    name: 'relay AMBER+STRICT',
    file: 'packages/trust/src/hop.ts',
    find: "if (from !== stream.author) return refused('strict-relayed')",
    replace: '',
    caughtBy: ['1-offers', '1-holds', '1-requests']
  },
  {
    name: 'relay RED',
    file: 'packages/trust/src/hop.ts',
    find: 'return redHop(stream, from, to)',
    replace: 'return ALLOWED',
    caughtBy: ['1-offers', '1-holds', '1-requests']
  },
  {
    name: 'take what a peer may not forward',
    file: 'packages/replica/src/hop-door.ts',
    find: 'if (verdict.allowed) return\n',
    replace: 'return\n',
    caughtBy: ['1-holds'],
    world: { steps: 600 }
  },
  {
    name: 'send without asking who may have it',
    file: 'packages/replica/src/sync-port.ts',
    find: 'const verdict = mayHop(held.descriptor, self, peer, book.view)\n',
    replace: 'const verdict = { allowed: true }\n',
    caughtBy: ['1-offers']
  },
  {
    name: 'drop fsync',
    file: 'packages/store/src/store.ts',
    find: 'const SYNC: object = { sync: true }',
    replace: 'const SYNC: object = { sync: false }',
    caughtBy: ['3-durable']
  },
  {
    name: 'push before commit',
    file: 'packages/replica/src/admit.ts',
    find: 'tx.committed(() => {\n        draws.keep()',
    replace: ';((now: () => void) => now())(() => {\n        draws.keep()',
    caughtBy: ['3-told-early', '3-durable']
  },
  {
    name: 'reuse a seq',
    file: 'packages/replica/src/publish.ts',
    find: 'let seq = state?.seq ?? 0',
    replace: 'let seq = Math.max(0, (state?.seq ?? 0) - 1)',
    caughtBy: ['exception', '6-forks-itself', '3-acknowledged']
  },
  {
    name: 'go on with a stream that no peer confirmed',
    file: 'packages/replica/src/own-streams.ts',
    find: 'if (holders.length > 0 && holders.every((peer) => by?.has(peer))) {',
    replace: 'if (holders.length >= 0) {',
    caughtBy: ['6-forks-itself'],
    world: { steps: 1500, topology: 'regular' }
  },
  {
    name: 'adopt entries under the own key',
    file: 'packages/replica/src/admit.ts',
    find: '!foreignBook.isClaimed(id) &&\n        end === undefined',
    replace: "from === ('nobody' as never) &&\n        end === undefined",
    caughtBy: ['6-adopts'],
    world: { steps: 1000 }
  },
  {
    name: 'ignore a revocation',
    file: 'packages/trust/src/tally.ts',
    find: 'else inner(revocations, statement.subject).set(statement.author, statement)',
    replace: '',
    caughtBy: ['7-roster'],
    world: { steps: 2000 }
  },
  {
    name: 'let an expired vouch count',
    file: 'packages/trust/src/tally.ts',
    find: 'statement.value.expires < day',
    replace: 'statement.value.expires < day - 40',
    caughtBy: ['7-roster'],
    world: { steps: 1000 }
  },
  {
    name: 'count a candidate’s vouch',
    file: 'packages/trust/src/roster.ts',
    find: 'if (authorsFor(counted.vouches, id, earlier).length < k) continue',
    replace: 'if (authorsFor(counted.vouches, id, counted.accepted).length < k) continue',
    caughtBy: ['7-roster'],
    world: { steps: 2000 }
  },
  {
    name: 'let the roster depend on the order of statements',
    file: 'packages/trust/src/tally.ts',
    find: 'slots.set(key, { statement, forked: true })',
    replace: '{}',
    caughtBy: ['7-roster'],
    world: { steps: 2000 }
  },
  {
    name: 'keep yesterday’s roster',
    file: 'packages/replica/src/replica.ts',
    find: 'if (book.refold(now)) rosterChanged()',
    replace: '',
    caughtBy: ['7-day', '7-roster'],
    world: { steps: 600 }
  },
  {
    name: 'accept a missing body',
    file: 'packages/replica/src/admit.ts',
    find: "return Refusal.ignore('body-missing', {",
    replace: 'return void ({',
    caughtBy: ['5-body-missing'],
    world: { steps: 600 }
  },
  {
    name: 'keep a retracted bulletin in use',
    file: 'packages/replica/src/bulletins.ts',
    find: "if (retraction !== undefined) return 'retracted'",
    replace: '',
    caughtBy: ['4-in-use']
  },
  {
    name: 'never erase',
    file: 'packages/replica/src/sweep.ts',
    find: 'if (!due) return false',
    replace: 'if (due || !due) return false',
    caughtBy: ['4-overdue', '4-retracted', '4-offers-overdue', '4-offers-retracted'],
    world: { steps: 1000 }
  },
  {
    name: 'offer what is past its time',
    file: 'packages/replica/src/sync-port.ts',
    find: 'return Math.min(erasesAt, header.keepUntil) > world.now()',
    replace: 'return erasesAt > 0 || store === undefined',
    caughtBy: ['4-offers-overdue', '4-offers-retracted'],
    world: { steps: 2000 }
  },
  {
    name: 'hide a fork',
    file: 'packages/replica/src/admit.ts',
    find: "if (refusal.code === 'fork') await forks.mark(refusal.facts, incoming)",
    replace: '',
    caughtBy: ['2-converges'],
    world: { steps: 1000 }
  },
  {
    name: 'choose a side of a fork',
    file: 'packages/replica/src/admit.ts',
    find: 'if (forkedAt !== undefined && seq >= forkedAt) {',
    replace: 'if (forkedAt !== undefined && seq < forkedAt - 1e9) {',
    caughtBy: ['6-chooses'],
    world: { steps: 1000 }
  },
  {
    name: 'accept entries past a closing',
    file: 'packages/replica/src/admit.ts',
    find: 'if (seq > last) {',
    replace: 'if (seq > last + 1e9) {',
    caughtBy: ['5-closed'],
    world: { nodes: 12, topology: 'line', steps: 1500 }
  },
  {
    name: 'keep what a closing cuts off',
    file: 'packages/replica/src/closings.ts',
    find: 'tx.put(keys.due(AT_ONCE, id, seq), EMPTY)',
    replace: 'continue',
    caughtBy: ['4-closed']
  },
  {
    name: 'tell nobody where a stream ends',
    file: 'packages/replica/src/register-hop.ts',
    find: '? mayHopFork(closedStream(register.value).descriptor, from, to, view)',
    replace: "? { allowed: false, code: 'red-relayed' }",
    caughtBy: ['2-converges']
  },
  {
    name: 'admit past the chain',
    file: 'packages/journal/src/entry.ts',
    find: "if (header.previous !== (previous?.id ?? null)) return refused('previous-mismatch')",
    replace: '',
    caughtBy: ['5-chain', '5-genuine'],
    world: { steps: 1000 }
  },
  {
    name: 'no bound of keep-until',
    file: 'packages/replica/src/admit.ts',
    find: "if (keptFor > maxMs || keptFor < (header.kind === 'bulletin' ? minMs : 0))",
    replace: 'if (keptFor < minMs - maxMs)',
    caughtBy: ['5-genuine'],
    world: { steps: 1000 }
  },
  {
    name: 'take entries from the future',
    file: 'packages/replica/src/admit.ts',
    find: "if (ahead > 0) return Refusal.ignore('too-new', { retryAfter: Math.max(ahead, MINUTE) })",
    replace: '',
    caughtBy: ['5-clock'],
    world: { steps: 1000 }
  },
  {
    name: 'take a register with a lower number',
    file: 'packages/replica/src/admit-register.ts',
    find: 'if (held.hash === signed.hash || held.register.number > register.number) return',
    replace: 'if (held.hash === signed.hash) return',
    caughtBy: ['5-register-falls'],
    world: { steps: 1500 }
  },
  {
    name: 'give on from a stale roster',
    file: 'packages/replica/src/sync-port.ts',
    find: 'const code = presences.stale(circle)',
    replace: 'const code = undefined as ReturnType<typeof presences.stale>',
    caughtBy: ['1-stale'],
    world: { steps: 2000 }
  },
  {
    name: 'say in receipts who holds RED',
    file: 'packages/replica/src/receipts.ts',
    find: "if (descriptor.tlp === 'RED' || !book.view.isMember(circle, descriptor.author)) return false",
    replace: '',
    caughtBy: ['1-receipt'],
    world: { steps: 1000 }
  },
  {
    name: 'say in receipts more than is held',
    file: 'packages/replica/src/receipts.ts',
    find: 'const place = { seq: state.seq, at,',
    replace: 'const place = { seq: state.seq + 1, at,',
    caughtBy: ['5-receipt']
  },
  {
    name: 'ask for nothing that a sketch shows',
    file: 'packages/sync/src/sketch.ts',
    find: 'theirs: known.flatMap(({ mark, row }) => (row === undefined ? [mark] : []))',
    replace: 'theirs: []',
    caughtBy: ['2-converges'],
    world: { steps: 1000 }
  },
  {
    name: 'push without the roster that has changed',
    file: 'packages/sync/src/push.ts',
    find: 'const isSame = said !== undefined && Buffer.compare(said, roster) === 0',
    replace: 'const isSame = said !== undefined',
    caughtBy: ['blame'],
    world: { steps: 1000 }
  }
]
