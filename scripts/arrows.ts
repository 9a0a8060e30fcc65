/**
 * Holds the arrows of DESIGN §3: who may import whom, no file of another room but its front door, no circles. Written
 * here since no well-kept checker reads TypeScript 7 yet (docs/decisions/0003-tooling.md).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Rooms each room may import. `node` joins all. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  model: [],
  extract: ['model'],
  journal: ['model'],
  trust: ['model', 'journal'],
  store: ['model', 'journal'],
  sync: ['model', 'journal', 'trust'],
  replica: ['model', 'journal', 'trust', 'store'],
  network: ['model', 'journal', 'sync'],
  connectors: ['model', 'extract'],
  hunt: ['model', 'extract'],
  api: ['model'],
  cli: ['model', 'api', 'hunt']
}

/** Libraries that one file alone may import. What the benchmark measures us against is no door of ours. */
const ONE_DOOR: Readonly<Record<string, string>> = {
  'cbor-x': 'packages/journal/src/codec.ts',
  level: 'packages/store/src/store.ts'
}
const isReference = (file: string): boolean => file.startsWith('scripts/bench/roles/')

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

function filesUnder(dir: string): string[] {
  return readdirSync(join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules') return []
    const path = `${dir}/${entry.name}`
    return entry.isDirectory() ? filesUnder(path) : path.endsWith('.ts') ? [path] : []
  })
}

/** Fixtures and tests may reach further: they are no part of what runs. */
const isTest = (file: string): boolean => /\.(test|fixture|fixtures|suite)\.ts$|\/testing\/|test-fixtures/.test(file)

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm
  )
  return [...statements].map(([, type, target, dynamic]) => ({
    file,
    target: target ?? dynamic ?? '',
    typeOnly: type !== undefined
  }))
}

function faultOf({ file, target, typeOnly }: Import): string | undefined {
  const room = /^packages\/([^/]+)\//.exec(file)?.[1]
  const door = ONE_DOOR[target]
  if (door !== undefined && door !== file && !isReference(file)) return `${target} is imported in ${door} alone`
  if (room === undefined) return undefined
  if (target.startsWith('.')) {
    const reached = normalize(join(dirname(file), target))
    return reached.startsWith(`packages/${room}/`) ? undefined : `reaches into ${reached}`
  }
  const other = /^@tocsin\/([^/]+)/.exec(target)?.[1]
  if (other === undefined) return undefined
  if (MAY[room]?.includes(other) !== true) return `${room} may not import ${other}`
  if (room === 'cli' && other !== 'model' && !typeOnly) return 'cli knows the HTTP API only: types alone'
  return undefined
}

/** The first circle of imports within a room that runs, types aside. */
function circleIn(imports: readonly Import[]): string | undefined {
  const next = new Map<string, string[]>()
  for (const { file, target, typeOnly } of imports) {
    if (typeOnly || !target.startsWith('.')) continue
    next.set(file, [...(next.get(file) ?? []), normalize(join(dirname(file), target))])
  }
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ')
    if (done.has(file)) return undefined
    for (const to of next.get(file) ?? []) {
      const circle = walk(to, [...path, file])
      if (circle !== undefined) return circle
    }
    done.add(file)
    return undefined
  }
  for (const file of next.keys()) {
    const circle = walk(file, [])
    if (circle !== undefined) return circle
  }
  return undefined
}

const files = ['packages', 'node', 'scripts'].flatMap(filesUnder).filter((file) => !isTest(file))
const imports = files.flatMap(importsOf)
const faults = imports.flatMap((one) => {
  const fault = faultOf(one)
  return fault === undefined ? [] : [`${one.file}: ${fault}`]
})
const circle = circleIn(imports)
if (circle !== undefined) faults.push(`circle: ${circle}`)
for (const fault of faults) console.error(fault)
console.log(
  `${files.length} files, ${imports.length} imports, ${faults.length} against the arrows (${relative(process.cwd(), ROOT) || '.'})`
)
process.exitCode = faults.length === 0 ? 0 : 1
