/** What a forked retraction stream excuses of missing bodies, and what it does not (decision 0029). */
import { describe, expect, it } from 'vitest'
import { DAY, EXCUSE_PATIENCE, FORK_NEWS, HOUR, MINUTE } from './constants.ts'
import { type Forged, forge, branches as fork, withBodies } from './testing/forge.ts'
import { a, amber, b, c, meetBeforeEach, town } from './testing/trio.ts'
import type { Audience, Outcome } from './types.ts'

meetBeforeEach()

/** The author signs two retractions for one place, and all hear of it. */
async function forkRetractions(): Promise<void> {
  const sides = fork(a.who, amber, town.now, [0, 0, 0], { kind: 'retraction' })
  for (const [n, side] of sides.entries()) {
    side.add({ kind: 'retraction', value: { targets: [`${n}a`.repeat(32)], reason: 'x' } })
    await b.replica.admit(side.batch(a.who, b.who))
  }
  const link = await town.link(b, c)
  link.cut()
  expect([...c.replica.forks.all()].length).toBe(1)
}

const bare = (stream: Forged, range = {}): Promise<Outcome> =>
  c.replica.admit(withBodies(stream.batch(b.who, c.who, range), () => null))
const whole = (stream: Forged, range = {}): Promise<Outcome> => c.replica.admit(stream.batch(b.who, c.who, range))

/** Offered once, and once more when others had time to be asked. */
async function offeredForLong(stream: Forged): Promise<Outcome> {
  expect(await bare(stream)).toMatchObject({ code: 'body-missing', accepted: 0 })
  town.pass(EXCUSE_PATIENCE)
  return bare(stream)
}

function logOf(audience: Audience, count = 1): Forged {
  const log = forge(a.who, audience, town.now)
  for (let n = 0; n < count; n++) log.add()
  return log
}

describe('a forked retraction stream', () => {
  it('excuses a body that somebody may have erased for what lies behind the split, once others were asked', async () => {
    const log = logOf(amber, 3)
    await forkRetractions()
    town.pass(2 * DAY)
    expect(await offeredForLong(log)).toMatchObject({ verdict: 'accept', accepted: 3 })
  })

  it('excuses none that is younger than the delay of erasure: nobody erased it yet', async () => {
    await forkRetractions()
    const log = logOf(amber)
    town.pass(DAY - HOUR)
    expect(await offeredForLong(log)).toMatchObject({ code: 'body-missing' })
    town.pass(HOUR)
    expect(await offeredForLong(log)).toMatchObject({ verdict: 'accept' })
  })

  it('excuses none that was written long after all had heard of the fork, also after a restart', async () => {
    await forkRetractions()
    town.pass(FORK_NEWS - MINUTE)
    const before = logOf(amber)
    town.pass(2 * MINUTE)
    const after = logOf(amber)
    town.pass(3 * DAY)
    await town.restart(c)
    expect(await offeredForLong(before)).toMatchObject({ verdict: 'accept' })
    expect(await offeredForLong(after)).toMatchObject({ code: 'body-missing' })
  })

  it('excuses nothing of another audience, or of a later quarter: it could not name that', async () => {
    await forkRetractions()
    for (const [audience, wait] of [
      [{ tlp: 'CLEAR' }, 0],
      [amber, 60 * DAY]
    ] as const) {
      town.pass(wait)
      const log = logOf(audience)
      town.pass(2 * DAY)
      expect(await offeredForLong(log)).toMatchObject({ code: 'body-missing' })
    }
  })

  it('makes a body waited for anew where somebody had it after all', async () => {
    const log = logOf(amber, 4)
    await forkRetractions()
    town.pass(2 * DAY)
    expect(await bare(log)).toMatchObject({ code: 'body-missing' })
    expect(await whole(log, { last: 1 })).toMatchObject({ accepted: 1 })
    town.pass(EXCUSE_PATIENCE)
    expect(await bare(log)).toMatchObject({ code: 'body-missing', accepted: 0 })
    expect(await whole(log, { last: 2 })).toMatchObject({ accepted: 1 })
    expect(await offeredForLong(log)).toMatchObject({ verdict: 'accept', accepted: 2 })
  })
})
