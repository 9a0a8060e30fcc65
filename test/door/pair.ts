/** Reims and Metz, linked and in one circle, for what clients see at a door. */
import { randomBytes } from 'node:crypto'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'

export interface Pair {
  readonly federation: Federation
  readonly reims: Institution
  readonly metz: Institution
}

export async function createPair(): Promise<Pair> {
  const federation = await createFederation({ world: { now: Date.now, random: (bytes) => randomBytes(bytes) } })
  try {
    const reims = await federation.institution('Reims', 'univ-reims.fr')
    const metz = await federation.institution('Metz', 'univ-metz.fr')
    await federation.link(reims, metz)
    await federation.circle('esr-fr', 1, [reims, metz])
    return { federation, reims, metz }
  } catch (error) {
    await federation.end()
    throw error
  }
}

/** The secret of a new token, which reads up to AMBER+STRICT unless the fields say otherwise. */
export async function tokenFor(at: Institution, fields: Record<string, unknown>): Promise<string> {
  const wanted = { name: randomBytes(4).toString('hex'), scope: 'read', maxTlp: 'AMBER+STRICT', ...fields }
  return (await at.call<{ secret: string }>('POST', '/v1/tokens', wanted)).secret
}
