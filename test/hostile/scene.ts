/** A victim and an honest neighbour, both real processes, and a member of their circle that keeps no rule. */
import { readFile } from 'node:fs/promises'
import { openRegister } from '@tocsin/journal'
import type { CircleId } from '@tocsin/model'
import { expect } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { introduce } from '../harness/introduce.ts'
import { sees } from '../harness/line.ts'
import { until } from '../harness/process.ts'
import { createVillain, type Villain } from './villain.ts'
import type { Wire } from './wire.ts'

export interface Scene {
  readonly federation: Federation
  readonly victim: Institution
  readonly neighbour: Institution
  readonly villain: Villain
  readonly circle: CircleId
  counter(name: string): Promise<number>
  /**
   * Lets the villain act in a session of its own and waits until the victim has counted `code` under this name, e.g.
   * `admit:fork`; then the session is over where the code ends it, and still open where it is no offence.
   */
  provoke(counter: string, act: (wire: Wire) => void, session: 'closed' | 'open'): Promise<void>
  /** Memory of the victim's process that is in RAM, bytes. */
  memory(): Promise<number>
  end(): Promise<void>
}

export async function createScene(): Promise<Scene> {
  const federation = await createFederation()
  const villain = await createVillain('Villain', 'villain.example')
  const end = async (): Promise<void> => {
    await villain.stop()
    await federation.end()
  }
  try {
    const [victim, neighbour] = await Promise.all([
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Reims', 'univ-reims.fr')
    ])
    await federation.link(victim, neighbour)
    await introduce(victim, villain.card)

    const counter = async (name: string): Promise<number> =>
      (await victim.call<{ counters: Record<string, number> }>('GET', '/v1/status')).counters[name] ?? 0

    await victim.sign(
      await victim.call('POST', '/v1/circles/prepare', {
        action: 'create',
        name: 'esr-fr',
        threshold: 2,
        founders: [neighbour.card, villain.card]
      })
    )
    const { id: circle } = await victim.call<{ id: CircleId }>('GET', '/v1/circles/esr-fr')
    await until('the neighbour knows the circle', () => neighbour.call('GET', `/v1/circles/${circle}`))
    for (const one of [victim, neighbour]) await federation.accept(one, circle)
    const acceptance = villain.register({ kind: 'acceptance', circle, value: { name: 'esr-fr' } } as never)
    const wire = await villain.greet(victim)
    wire.send({ type: 'registers', registers: [{ address: openRegister(acceptance).address, bytes: acceptance }] })
    for (const one of [victim, neighbour]) await sees(one, circle, 3)
    wire.close()

    return {
      federation,
      victim,
      neighbour,
      villain,
      circle,
      counter,
      async provoke(name, act, session) {
        const before = await counter(name)
        const wire = await villain.greet(victim)
        act(wire)
        await until(`the victim counts ${name}`, async () => (await counter(name)) > before, 10_000)
        if (session === 'closed') await wire.ended()
        else expect(wire.isOpen()).toBe(true)
        wire.close()
        expect((await fetch(`${victim.api}/readyz`)).status).toBe(200)
      },
      memory: async () => {
        const status = await readFile(`/proc/${victim.process()?.pid}/status`, 'utf8')
        return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
      },
      end
    }
  } catch (error) {
    await end()
    throw error
  }
}
