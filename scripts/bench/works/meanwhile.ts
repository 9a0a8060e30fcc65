/** What a node is good for while it catches up: bulletins of another author arrive, and its door answers. */
import { join } from 'node:path'
import { startChild } from '../child.ts'
import { indicatorAt } from '../data.ts'
import { openDoor } from '../door.ts'
import { nowMs, percentile, type Spread, spread } from '../figures.ts'
import { circleOf, found } from '../homes.ts'
import { preparePair } from '../prepare.ts'
import type { NodeVerbs, Published } from '../roles/node.ts'
import type { Bench, Measured, Row, Work } from '../work.ts'

/** One bulletin and one look-up so often, ms: the measuring must not be the load. */
const EVERY = 25
/** Bulletins before the catch-up, for comparison. */
const BEFORE = 60

interface Round {
  /** ms from `publish` to durable and indexed at the receiver. */
  readonly live: { readonly before: readonly number[]; readonly during: readonly number[] }
  /** ms of POST /v1/lookup with one value. */
  readonly lookup: { readonly before: readonly number[]; readonly during: readonly number[] }
}

export const meanwhileWork: Work = {
  name: 'meanwhile',
  title: 'live bulletins and look-ups while a node catches up',
  run: async (bench): Promise<Measured> => {
    const rounds: Round[] = []
    const times = 3
    for (let time = 1; time <= times; time++) {
      bench.say(`catching up with a third institution talking, ${time} of ${times} …`)
      rounds.push(await round(bench, time))
    }
    const of = (what: 'live' | 'lookup', when: 'before' | 'during'): number[][] =>
      rounds.map((one) => [...one[what][when]])
    return {
      rows: [
        ...rowsOf('live', 'publish → visible at a node that catches up', of('live', 'during'), of('live', 'before')),
        ...rowsOf(
          'lookup',
          'look-up over HTTP at a node that catches up',
          of('lookup', 'during'),
          of('lookup', 'before')
        )
      ]
    }
  }
}

function rowsOf(id: string, work: string, during: readonly number[][], before: readonly number[][]): Row[] {
  return [50, 99].map((percent) => {
    const at = (rounds: readonly number[][]): Spread => spread(rounds.map((values) => percentile(values, percent)))
    return {
      id: `meanwhile/${id}-p${percent}`,
      work: `${work}, p${percent}`,
      unit: 'ms',
      ours: at(during),
      reference: { name: 'the same node at rest', value: at(before), as: 'share' }
    }
  })
}

async function round(bench: Bench, time: number): Promise<Round> {
  const pair = await preparePair(bench)
  const third = await found(join(bench.folder, `third-${time}`), 'third')
  const talk = circleOf([pair.receiver, third], 'talk')
  await using sender = await startChild<NodeVerbs>('node')
  await using receiver = await startChild<NodeVerbs>('node')
  await using talker = await startChild<NodeVerbs>('node')
  await sender.call('start', { index: 0, home: pair.sender.home })
  await receiver.call('start', { index: 1, home: await pair.emptyReceiver() })
  await talker.call('start', { index: 2, home: third.home })
  await receiver.call('addPeer', { index: 1, card: third.card })
  await receiver.call('admit', { index: 1, registers: talk.statements, from: third.id })
  await talker.call('addPeer', { index: 2, card: pair.receiver.card })
  await talker.call('admit', { index: 2, registers: talk.statements, from: pair.receiver.id })
  await receiver.call('settled', { index: 1, links: 1, circle: talk.id, members: 2 })

  const door = openDoor(pair.receiver.api, pair.receiver.token)
  const published: Published[] = []
  const looked: { readonly at: number; readonly ms: number }[] = []
  const turn = async (): Promise<void> => {
    const next = nowMs() + EVERY
    const slice = { seed: bench.seed, first: 12_000_000 + published.length, count: 1 }
    const saying = talker.call('publish', { index: 2, circle: talk.id, slice })
    const at = nowMs()
    await door.call('POST', '/v1/lookup', { values: [indicatorAt(bench.seed, published.length).value] })
    looked.push({ at, ms: nowMs() - at })
    published.push(await saying)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - nowMs())))
  }
  while (published.length < BEFORE) await turn()

  const started = await receiver.call('addPeer', { index: 1, card: pair.sender.card })
  let ended: number | undefined
  const catchingUp = receiver
    .call('arrived', { index: 1, from: pair.sender.id, count: pair.bulletins })
    .then((moment) => {
      ended = moment
      return moment
    })
  while (ended === undefined) await turn()
  const end = await catchingUp
  await receiver.call('arrived', { index: 1, from: third.id, count: published.length })
  const seen = await receiver.call('seen', { index: 1 })
  door.close()

  // The first ones warm the paths up.
  const live = published.slice(10).map(({ id, asked }) => ({ at: asked, ms: (seen.get(id)?.at ?? Number.NaN) - asked }))
  const split = (all: readonly { readonly at: number; readonly ms: number }[]) => ({
    before: all.filter(({ at }) => at < started).map(({ ms }) => ms),
    during: all.filter(({ at }) => at >= started && at < end).map(({ ms }) => ms)
  })
  return { live: split(live), lookup: split(looked.slice(10)) }
}
