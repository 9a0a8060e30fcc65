/** Rewrites the vector files: `node test/vectors/write.ts && npm run format`. A change of a stored byte is a change of the protocol. */
import { writeFileSync } from 'node:fs'
import { buildVectors } from './build.ts'

for (const [name, content] of Object.entries(await buildVectors())) {
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(content, null, 2)}\n`)
  process.stdout.write(`${name}\n`)
}
