/** Does what an action of the plan says, as far as it makes sense in this world at this moment. */
import { eraseNowMessage, type SignedRegister, toHex } from '@tocsin/journal'
import type { BulletinId, InstitutionId } from '@tocsin/model'
import type { Audience, NewBulletin, OwnTarget, PublishedEntry } from '@tocsin/replica'
import type { Image } from './disk.ts'
import type { Memory } from './judge/records.ts'
import type { Judge } from './judge.ts'
import { DAY, party, SECOND, statement } from './parties.ts'
import type { Action, Deed } from './plan.ts'
import { type Chance, createChance } from './random.ts'
import type { Process, SimNode } from './sim-node.ts'
import type { World } from './world.ts'

export interface Deeds {
  /** Starts it; what it sets off happens in virtual time. False where it makes no sense. */
  perform(action: Action): boolean
  /** Ends all that lasts: links stand, disks have room, clocks go right, everybody runs, nobody is hostile. */
  calm(): void
}

interface Published {
  readonly node: number
  readonly bulletin: string
  readonly author: InstitutionId
  readonly targets: readonly OwnTarget[]
  readonly value: string
  isRetracted: boolean
}

type Of<K extends Deed['kind']> = Extract<Action, { kind: K }>

/** Refusals that a good node may well answer with, and the codes of a store that cannot write. */
const LAWFUL = new Set([
  'not-in-circle',
  'signing-suspended',
  'keep-until-out-of-bounds',
  'register-refused',
  'already-retracted',
  'not-found',
  'store-disk-full',
  'store-write-failed',
  'store-closed'
])

export function createDeeds(world: World, judge: Judge): Deeds {
  const published = new Map<number, Published>()
  const snapshots = new Map<number, { node: number; image: Image; memory: Memory }>()
  // Undoings of what lasts, by the order of their beginning.
  const lasting = new Set<() => void>()
  const { nodes, setup } = world

  function lasts(ms: number, undo: () => void): void {
    const once = (): void => {
      if (lasting.delete(once)) undo()
    }
    lasting.add(once)
    world.later(ms, once)
  }

  function running(index: number): Process | undefined {
    const process = nodes[index]?.process
    return process?.isAlive === true ? process : undefined
  }

  /** Of a node that runs twice, either. */
  function speaker(index: number, dice: Chance): Process | undefined {
    const twin = nodes.find((one) => one.twinOf === index && one.process?.isAlive === true)
    return twin !== undefined && dice.odds(0.5) ? twin.process : running(index)
  }

  /** What may be refused, and is no failure then. */
  function attempt(process: Process, work: Promise<unknown>): void {
    world.does(
      work.catch((error: unknown) => {
        if (!process.isAlive) return
        const { code = '', facts } = error as { code?: string; facts?: { reason?: string } }
        // Time went by until the stream was ready, or its clock is ahead: then a day's keep-until is less than a day.
        const isLate = code === 'own-entry-refused' && facts?.reason === 'keep-until-out-of-bounds'
        if (!LAWFUL.has(code) && !isLate) throw error
        world.trace.note(`${world.now()} ${process.node.index} refused ${code}`)
      })
    )
  }

  function audienceOf(tlp: string, circle: number, recipient: number, author: number): Audience | undefined {
    if (tlp === 'RED') return recipient === author ? undefined : { tlp: 'RED', recipient: party(recipient).id }
    if (tlp === 'GREEN' || tlp === 'CLEAR') return { tlp }
    const made = world.circles[circle]
    return made === undefined ? undefined : { tlp: tlp as 'AMBER', circle: made.id }
  }

  function acknowledged(process: Process, entries: readonly PublishedEntry[]): void {
    if (!process.isAlive) return
    for (const { entry, stream, seq } of entries) judge.acknowledged(process.node, stream, seq, entry)
    world.trace.note(`${world.now()} ${process.node.index} acknowledged ${entries.map(({ entry }) => entry).join(' ')}`)
  }

  function bulletinId(action: number): BulletinId {
    return `00000000-0000-4000-8000-${(action + 1).toString(16).padStart(12, '0')}` as BulletinId
  }

  const kinds: { readonly [K in Deed['kind']]: (action: Of<K>) => boolean } = {
    publish(action) {
      const dice = createChance(`${setup.seed} action ${action.id}`)
      const process = speaker(action.node, dice)
      const audience = audienceOf(action.tlp, action.circle, action.recipient, action.node)
      if (process === undefined || audience === undefined) return false
      const value = `host-${action.id}.example`
      const before = action.supersedes === undefined ? undefined : published.get(action.supersedes)
      const keepUntil = process.replica.world.now() + action.keepFor
      const input: NewBulletin = {
        bulletin: {
          id: bulletinId(action.id),
          title: `bulletin ${action.id}`,
          text: 'a text',
          threat: 'phishing',
          pap: 'GREEN',
          confidence: 50,
          tags: [],
          indicators: Array.from({ length: action.indicators }, (_, index) => ({
            type: 'domain' as const,
            value: index === 0 ? value : `host-${action.id}-${index}.example`,
            role: 'malicious' as const
          })),
          references: [],
          rules: [],
          about: [],
          ...(before === undefined || before.isRetracted ? {} : { supersedes: before.bulletin as BulletinId })
        },
        attachments: action.attachments.map((size, index) => ({
          name: `file-${index}.bin`,
          mediaType: 'application/octet-stream',
          data: dice.bytes(size)
        })),
        audiences: [audience],
        keepUntil,
        ...(before === undefined || before.isRetracted ? {} : { supersedes: before.targets })
      }
      const work = process.replica.publish.bulletin(input).then((entries) => {
        acknowledged(process, entries)
        if (before !== undefined) before.isRetracted = true
        const targets = entries.map(({ entry, audience }) => ({ entry, audience, keepUntil }))
        published.set(action.id, {
          node: process.node.index,
          bulletin: input.bulletin.id,
          author: process.node.party.id,
          targets,
          value,
          isRetracted: false
        })
      })
      attempt(process, work)
      return true
    },
    retract(action) {
      const process = running(action.node)
      const of = published.get(action.of)
      if (process === undefined || of === undefined || of.isRetracted) return false
      of.isRetracted = true
      const { root } = process.node.party
      const ids = of.targets.map(({ entry }) => entry)
      const atOnce = action.atOnce ? toHex(root.sign(eraseNowMessage(ids))) : undefined
      attempt(
        process,
        process.replica.publish.retract(of.targets, 'a mistake', atOnce).then(
          (entries) => acknowledged(process, entries),
          (error: unknown) => {
            of.isRetracted = false
            throw error
          }
        )
      )
      return true
    },
    disable(action) {
      const process = running(action.node)
      const of = published.get(action.of)
      const [target] = of?.targets ?? []
      if (process === undefined || of === undefined || target === undefined || of.isRetracted) return false
      const disabling = {
        bulletin: of.bulletin as BulletinId,
        indicators: [{ type: 'domain' as const, value: of.value }],
        reason: 'harmless'
      }
      attempt(
        process,
        process.replica.publish.disable(target, disabling).then((one) => acknowledged(process, [one]))
      )
      return true
    },
    sight(action) {
      const process = running(action.node)
      const of = published.get(action.of)
      const audience = audienceOf(action.tlp, action.circle, 0, action.node)
      if (process === undefined || of === undefined || audience === undefined) return false
      const sighting = {
        bulletin: of.bulletin as BulletinId,
        author: of.author,
        indicator: { type: 'domain' as const, value: of.value },
        kind: 'sighting' as const,
        count: 1
      }
      const keepUntil = process.replica.world.now() + 10 * DAY
      attempt(
        process,
        process.replica.publish.sighting(sighting, audience, keepUntil).then((one) => acknowledged(process, [one]))
      )
      return true
    },
    crash({ node, lasts: ms }) {
      const one = nodes[node]
      if (one?.process === undefined) return false
      one.down += 1
      world.kill(one)
      lasts(ms, () => {
        one.down -= 1
        world.start(one)
      })
      return true
    },
    cut({ edge: index, lasts: ms }) {
      const edge = edgeAt(index)
      if (edge === undefined) return false
      edge.cut += 1
      world.disconnect(edge)
      lasts(ms, () => {
        edge.cut -= 1
        world.connect()
      })
      return true
    },
    slow({ edge: index, latency, lasts: ms }) {
      const edge = edgeAt(index)
      if (edge === undefined) return false
      edge.latency += latency
      lasts(ms, () => {
        edge.latency -= latency
      })
      return true
    },
    partition({ side, lasts: ms }) {
      part(new Set(side), ms)
      return true
    },
    skew({ node, by, lasts: ms }) {
      const one = nodes[node]
      if (one === undefined) return false
      one.skew += by
      lasts(ms, () => {
        one.skew -= by
      })
      return true
    },
    full({ node, lasts: ms }) {
      const one = nodes[node]
      if (one === undefined) return false
      one.full += 1
      lasts(ms, () => {
        one.full -= 1
      })
      return true
    },
    'break-disk'({ node }) {
      const one = nodes[node]
      if (one?.process === undefined) return false
      one.disk.breakDown()
      lasts(20 * SECOND, () => {
        world.kill(one)
        world.start(one)
      })
      return true
    },
    join({ node, circle: index, vouchers, days }) {
      const circle = world.circles[index]
      const process = running(node)
      const plan = setup.circles[index]
      if (circle === undefined || process === undefined || plan === undefined) return false
      const number = numberNow()
      const day = Math.floor(world.now() / DAY)
      for (const voucher of vouchers) if (voucher !== node) world.introduce(node, voucher)
      tell(process, statement.acceptance(process.node.party, circle, number))
      for (const voucher of vouchers) {
        const other = running(voucher)
        if (other === undefined || voucher === node) continue
        const signed = statement.vouch(other.node.party, process.node.party, circle, number, day + days)
        tell(other, signed)
      }
      return true
    },
    resign({ node, circle: index }) {
      const circle = world.circles[index]
      const process = running(node)
      if (circle === undefined || process === undefined) return false
      tell(process, statement.resignation(process.node.party, circle, numberNow()))
      return true
    },
    revoke({ node, subject, circle: index, lifted }) {
      const circle = world.circles[index]
      const process = running(node)
      if (circle === undefined || process === undefined || node === subject) return false
      tell(process, statement.revocation(process.node.party, party(subject), circle, numberNow(), lifted))
      return true
    },
    double({ node, subject, circle: index }) {
      const circle = world.circles[index]
      const process = running(node)
      const other = [...(process?.ends.values() ?? [])]
        .map((end) => running(end.other))
        .find((one) => one !== undefined)
      if (circle === undefined || process === undefined || other === undefined || node === subject) return false
      const number = numberNow()
      const [one, two] = [false, true].map((lifted) =>
        statement.revocation(process.node.party, party(subject), circle, number, lifted)
      ) as [SignedRegister, SignedRegister]
      tell(process, one)
      judge.signs(two)
      attempt(other, other.replica.admitRegisters([two.bytes], process.node.party.id))
      return true
    },
    snapshot({ id, node }) {
      const one = nodes[node]
      if (one?.process === undefined) return false
      snapshots.set(id, { node, image: one.disk.image(), memory: judge.memory(one) })
      return true
    },
    rollback({ node, of }) {
      const one = nodes[node]
      const held = snapshots.get(of)
      if (one?.process === undefined || held === undefined) return false
      world.kill(one)
      one.disk.restore(held.image)
      judge.setBack(one, held.memory)
      world.start(one)
      return true
    },
    twin({ node, side, apart, lasts: ms }) {
      const one = nodes[node]
      if (one?.process === undefined || nodes.some(({ twinOf, down }) => twinOf === node && down === 0)) return false
      const twin = world.copy(one)
      const near = [...world.edges.values()].flatMap(({ a, b }) => (a === node ? [b] : b === node ? [a] : []))
      const others = near.filter((other) => nodes[other]?.party !== one.party)
      // One copy on each side: no neighbour sees both before the partition heals.
      part(new Set([...side.filter((index) => index !== node), twin.index]), apart)
      for (const other of others) world.edge(twin.index, other)
      world.start(twin)
      lasts(apart + ms, () => retire(twin))
      return true
    },
    turn({ node, mode, lasts: ms }) {
      const one = nodes[node]
      if (one === undefined || !one.isHostile) return false
      one.mode = mode
      lasts(ms, () => {
        one.mode = undefined
      })
      return true
    },
    days({ ms }) {
      // Nobody is linked over the holidays: a heartbeat of each link for weeks would tell nothing.
      for (const edge of world.edges.values()) world.disconnect(edge)
      world.leap(ms)
      return true
    },
    calm() {
      return true
    }
  }

  function part(side: ReadonlySet<number>, ms: number): void {
    world.partitions.add(side)
    for (const edge of world.edges.values()) if (side.has(edge.a) !== side.has(edge.b)) world.disconnect(edge)
    lasts(ms, () => {
      world.partitions.delete(side)
      world.connect()
    })
  }

  /** The copy ends for good. */
  function retire(twin: SimNode): void {
    twin.down += 1
    world.kill(twin)
  }

  function edgeAt(index: number) {
    const pair = setup.edges[index % setup.edges.length]
    return pair === undefined ? undefined : world.edge(pair[0], pair[1])
  }

  /** As a command line gives it: never below what was given before. */
  function numberNow(): number {
    return world.now()
  }

  function tell(process: Process, signed: SignedRegister): void {
    judge.signs(signed)
    attempt(process, process.replica.admitRegisters([signed.bytes], undefined))
  }

  return {
    perform: (action) => (kinds[action.kind] as (action: Action) => boolean)(action),
    calm: () => {
      for (const undo of [...lasting]) undo()
      for (const node of nodes) {
        node.mode = undefined
        if (node.twinOf !== undefined && node.process !== undefined) retire(node)
        world.start(node)
      }
      world.connect(true)
    }
  }
}
