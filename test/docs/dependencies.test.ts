/** docs/dependencies.md names every library that a package.json names, with its licence, and no other. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

interface Manifest {
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest

const manifests = globSync(['package.json', 'packages/*/package.json', '{node,test,scripts}/package.json'], {
  cwd: ROOT
})
const roomOf = (manifest: string): string =>
  manifest === 'package.json' ? 'root' : (dirname(manifest).split('/').at(-1) ?? '')

/** Library → where it is named: room and folder. */
const named = new Map<string, { readonly room: string; readonly folder: string }[]>()
for (const manifest of manifests) {
  const { dependencies, devDependencies, optionalDependencies } = read(join(ROOT, manifest))
  for (const name of Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })) {
    if (name.startsWith('@tocsin/')) continue
    const places = named.get(name) ?? []
    named.set(name, [...places, { room: roomOf(manifest), folder: join(ROOT, dirname(manifest)) }])
  }
}

const documented = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [name = '', rooms = '', licence = '', why = ''] = line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim())
    return { name: name.replaceAll('`', ''), rooms: rooms.split(', '), licence, why }
  })

/** As npm resolves it from the folder that names it; undefined for an optional one that this machine did not install. */
function installed(name: string): Manifest | undefined {
  const { folder = ROOT } = named.get(name)?.[0] ?? {}
  const path = [folder, ROOT].map((from) => join(from, 'node_modules', name, 'package.json')).find(existsSync)
  return path === undefined ? undefined : read(path)
}

describe('docs/dependencies.md', () => {
  it('names each library once, and no other', () => {
    expect(documented.map(({ name }) => name).toSorted()).toEqual([...named.keys()].toSorted())
  })

  it.each(documented)('says which rooms name $name, its licence, and why', ({ name, rooms, licence, why }) => {
    expect(rooms.toSorted()).toEqual((named.get(name) ?? []).map(({ room }) => room).toSorted())
    expect(why).not.toBe('')
    const manifest = installed(name)
    if (manifest === undefined) expect(read(join(ROOT, 'package.json')).optionalDependencies).toHaveProperty([name])
    else expect(licence).toBe(manifest.license)
  })
})
