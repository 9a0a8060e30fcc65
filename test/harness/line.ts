/** The line of the demo: Reims–Valenciennes–Toulouse–Lorraine, one circle, k = 2, Lorraine vouched in. */
import { createFederation, type Federation, type Institution } from './federation.ts'
import { until } from './process.ts'

export interface Line {
  readonly federation: Federation
  readonly reims: Institution
  readonly valenciennes: Institution
  readonly toulouse: Institution
  readonly lorraine: Institution
  readonly all: readonly Institution[]
  /** Id of the circle esr-fr. */
  readonly circle: string
}

export async function createLine(options: { readonly erasureDelayMs?: number } = {}): Promise<Line> {
  const federation = await createFederation()
  try {
    const [reims, valenciennes, toulouse, lorraine] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Toulouse', 'ut-capitole.fr'),
      federation.institution('Lorraine', 'univ-lorraine.fr')
    ])
    const all = [reims, valenciennes, toulouse, lorraine]
    await federation.link(reims, valenciennes)
    await federation.link(valenciennes, toulouse)
    await federation.link(toulouse, lorraine)
    const circle = await federation.circle('esr-fr', 2, [reims, valenciennes, toulouse], options)
    await federation.vouch(toulouse, lorraine, circle)
    await until('Valenciennes holds the card of Lorraine', () =>
      federation.vouch(valenciennes, lorraine, circle).then(() => true)
    )
    await until('Lorraine knows the circle', () => lorraine.call('GET', `/v1/circles/${circle}`))
    await federation.accept(lorraine, circle)
    for (const one of all) await sees(one, circle, 4)
    return { federation, reims, valenciennes, toulouse, lorraine, all, circle }
  } catch (error) {
    await federation.end()
    throw error
  }
}

/** Waits until the institution counts so many members. */
export async function sees(one: Institution, circle: string, members: number): Promise<void> {
  await until(`${one.name} sees ${members} members`, async () => {
    return (await one.call<{ members: unknown[] }>('GET', `/v1/circles/${circle}`)).members.length === members
  })
}

/** A bulletin published with these labels; its id. */
export async function publish(by: Institution, fields: Record<string, unknown>): Promise<string> {
  const draft = { title: 'test', threat: 'other', ...fields }
  return (await by.call<{ id: string }>('POST', '/v1/bulletins', draft)).id
}

export async function holds(one: Institution, id: string): Promise<boolean> {
  try {
    await one.call('GET', `/v1/bulletins/${id}`)
    return true
  } catch (error) {
    if ((error as { status?: number }).status === 404) return false
    throw error
  }
}

export async function arrives(one: Institution, id: string): Promise<void> {
  await until(`${one.name} holds ${id}`, () => holds(one, id))
}
