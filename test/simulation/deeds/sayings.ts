/** What institutions say: bulletins, retractions, disablings, sightings. */
import { eraseNowMessage, toHex } from '@tocsin/journal'
import type { BulletinId, InstitutionId } from '@tocsin/model'
import type { Audience, NewBulletin, OwnTarget, PublishedEntry } from '@tocsin/replica'
import { DAY, party } from '../parties.ts'
import { type Chance, createChance } from '../random.ts'
import type { Process } from '../sim-node.ts'
import type { Does, Stage } from './stage.ts'

interface Published {
  readonly node: number
  readonly bulletin: string
  readonly author: InstitutionId
  readonly targets: readonly OwnTarget[]
  readonly value: string
  isRetracted: boolean
}

export function sayings({ world, judge, running, attempt }: Stage): Does<'publish' | 'retract' | 'disable' | 'sight'> {
  const published = new Map<number, Published>()

  /** Of a node that runs twice, either. */
  function speaker(index: number, dice: Chance): Process | undefined {
    const twin = world.nodes.find((one) => one.twinOf === index && one.process?.isAlive === true)
    return twin !== undefined && dice.odds(0.5) ? twin.process : running(index)
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

  return {
    publish(action) {
      const dice = createChance(`${world.setup.seed} action ${action.id}`)
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
    }
  }
}

function bulletinId(action: number): BulletinId {
  return `00000000-0000-4000-8000-${(action + 1).toString(16).padStart(12, '0')}` as BulletinId
}
