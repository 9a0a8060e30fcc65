/** What officers do all day, over the real doors of two real nodes, beside what MISP took for it (DESIGN §10). */
import { createFederation } from '../../../test/harness/federation.ts'
import { openDoor } from '../door.ts'
import { spread } from '../figures.ts'
import { measureOfficer, type Officer } from '../officer.ts'
import type { Measured, Row, Work } from '../work.ts'

/** MISP 2.5.1, two instances on a machine of the same kind, November 2026. */
const MISP = {
  importRate: 836,
  pull: 15.5,
  pullNothing: 0.36,
  visibleOne: 321,
  visibleThousand: 1670,
  search: 7.1,
  searchRate: 293,
  thousandValues: 170,
  text: 35_000,
  json: 45_400,
  csv: 2_285,
  memory: 1900,
  disk: 920
} as const

export const mispWork: Work = {
  name: 'misp',
  title: "an officer's works over HTTP, beside MISP's figures",
  run: async (bench): Promise<Measured> => {
    const federation = await createFederation()
    try {
      const [a, b] = [
        await federation.institution('A', 'a.example.org'),
        await federation.institution('B', 'b.example.org')
      ]
      await federation.link(a, b)
      await federation.circle('esr-fr', 2, [a, b])
      const doors = [openDoor(a.api, a.token), openDoor(b.api, b.token)] as const
      const rows = rowsOf(await measureOfficer(bench, [a, b], doors))
      for (const door of doors) door.close()
      return { rows }
    } finally {
      await federation.end()
    }
  }
}

function rowsOf(officer: Officer): Row[] {
  const row = (name: keyof Officer, work: string, unit: string, aim: number, note?: string): Row => {
    const ours = officer[name]
    const isRate = unit === '/s'
    const met = isRate ? ours.median >= aim : ours.median <= aim
    return {
      id: `misp/${name}`,
      work,
      unit,
      ours,
      reference: { name: 'MISP', value: spread([MISP[name]]), quoted: true, as: isRate ? 'share' : 'faster' },
      budget: { text: `aim ${aim.toLocaleString('en-US')} ${unit}`, met, aim: true },
      ...(note === undefined ? {} : { note })
    }
  }
  return [
    row('importRate', 'import of 10,000 attributes', '/s', 20_000),
    row('pull', 'pull of 10,000 attributes by a peer', 's', 0.2),
    row('pullNothing', 'pull with nothing new', 's', 0.005, 'Ours is a whole new link: dial, noise, greeting.'),
    row('visibleOne', 'publish → visible at the other, 1 attribute', 'ms', 5),
    row('visibleThousand', 'publish → visible at the other, 1,000 attributes', 'ms', 20),
    row('search', 'exact search, 100,000 stored', 'ms', 1, "MISP's with plain keys; 53.9 ms with its default ones."),
    row(
      'searchRate',
      'exact searches, eight callers',
      '/s',
      5_000,
      "MISP's with plain keys; 38/s with its default ones."
    ),
    row('thousandValues', '1,000 values a call', 'ms', 10),
    row('text', 'export as text', '/s', 300_000),
    row('json', 'export as JSON', '/s', 100_000),
    row('csv', 'export as CSV', '/s', 100_000),
    row('memory', 'memory', 'MB', 200, "MISP's is its database alone."),
    row('disk', 'disk an attribute', 'B', 150)
  ]
}
