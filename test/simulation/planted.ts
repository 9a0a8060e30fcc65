/** A process with one planted bug: runs worlds until one of its rules breaks, and prints what came as one JSON line. */
import { MUTATIONS } from './mutations.ts'
import { plant } from './plant.ts'
import type { Found } from './planting.ts'

const [name, first, last] = process.argv.slice(2)
const mutation = MUTATIONS.find((one) => one.name === name)
if (mutation === undefined) throw new RangeError(`no mutation is called ${name}`)
const { isPlanted } = plant(mutation)

const { setupOf } = await import('./plan.ts')
const { run } = await import('./run.ts')
const { TOPOLOGIES } = await import('./topology.ts')

let found: Found = { name: mutation.name }
for (let seed = Number(first); seed <= Number(last) && found.isRight !== true; seed++) {
  const { nodes = 8 + (seed % 5), steps = 400, topology = TOPOLOGIES[seed % 5] ?? 'regular' } = mutation.world ?? {}
  const { failure } = await run(setupOf({ seed, nodes, steps, topology }))
  if (failure === undefined) continue
  const isRight = mutation.caughtBy.includes(failure.rule)
  // Any broken rule tells of the bug; that it is one of those meant tells that the judge sees it for what it is.
  if (found.rule !== undefined && !isRight) continue
  found = { name: mutation.name, rule: failure.rule, message: failure.message, seed, step: failure.step, isRight }
}
if (!isPlanted()) throw new Error(`${mutation.file} was never loaded`)
console.log(JSON.stringify(found))
