/**
 * `npm run bench`: the budgets of the design as one table, each figure beside its reference of the same run. Writes JSON,
 * a chart and the table of docs/performance.md where the run was whole. How each figure is made: docs/performance.md.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HELP, optionsOf } from './options.ts'
import { profileReplication } from './profile.ts'
import { keepProfile, keepReport } from './report/keep.ts'
import { tableText } from './report/table.ts'
import type { Bench, Measured } from './work.ts'
import { WORKS } from './works.ts'

async function main(argv: readonly string[]): Promise<void> {
  const options = optionsOf(argv)
  if (options.help) return console.log(HELP)
  if (options.list) return console.log(WORKS.map(({ name, title }) => `${name.padEnd(12)} ${title}`).join('\n'))
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
  // Also where something fails that nobody waits for; children end when their parent is gone.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.once('SIGINT', () => process.exit(130))
  const bench: Bench = { ...options, folder, say: (text) => process.stderr.write(`${text}\n`) }
  if (options.profile) {
    const profile = await profileReplication(bench)
    console.log(profile.text)
    bench.say((await keepProfile(bench, profile.markdown)).join('\n'))
    return
  }
  const done = new Map<string, Measured>()
  for (const work of WORKS.filter(({ name }) => options.only.length === 0 || options.only.includes(name))) {
    bench.say(`— ${work.name}: ${work.title}`)
    done.set(work.name, await work.run(bench))
  }
  const rows = [...done.values()].flatMap((one) => one.rows)
  console.log(options.json ? JSON.stringify([...done], undefined, 2) : tableText(rows))
  bench.say((await keepReport(bench, done)).join('\n'))
  if (rows.some(({ budget }) => budget?.met === false && budget.aim !== true)) process.exitCode = 1
}

await main(process.argv.slice(2))
