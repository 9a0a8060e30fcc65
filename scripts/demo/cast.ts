/** Who plays and what is said: the line Reims–Valenciennes–Toulouse–Lorraine, and somebody who is nobody's peer. */
import { fileURLToPath } from 'node:url'

export interface Player {
  readonly name: string
  readonly domain: string
}

export const REIMS: Player = { name: 'Reims', domain: 'univ-reims.fr' }
export const VALENCIENNES: Player = { name: 'Valenciennes', domain: 'uphf.fr' }
export const TOULOUSE: Player = { name: 'Toulouse', domain: 'ut-capitole.fr' }
export const LORRAINE: Player = { name: 'Lorraine', domain: 'univ-lorraine.fr' }
export const OUTSIDER: Player = { name: 'Passant', domain: 'passant.example' }

export const LINE: readonly Player[] = [REIMS, VALENCIENNES, TOULOUSE, LORRAINE]

export interface Scene {
  /** In the table. */
  readonly label: string
  readonly by: Player
  readonly file: string
  /** Arguments of `tocsin publish` beside the file. */
  readonly args: readonly string[]
  /** Of `tocsin audience`, asked before. */
  readonly audience: readonly string[]
  /** Whom the hop rule lets it reach in this line (DESIGN §5), worked out by hand: the demo's own yardstick. */
  readonly reaches: readonly Player[]
}

const message = (name: string): string => fileURLToPath(new URL(`messages/${name}`, import.meta.url))

const scene = (
  label: string,
  by: Player,
  file: string,
  labels: readonly string[],
  rest: readonly string[],
  reaches: readonly Player[]
): Scene => ({
  label,
  by,
  file: message(file),
  args: [...labels, ...rest],
  audience: labels,
  reaches
})

export const SCENES: readonly Scene[] = [
  scene(
    'TLP:AMBER phishing (text)',
    REIMS,
    'hameconnage.txt',
    ['--tlp', 'AMBER'],
    ['--pap', 'GREEN', '--threat', 'phishing'],
    [VALENCIENNES, TOULOUSE, LORRAINE]
  ),
  scene(
    'TLP:GREEN mail (.eml)',
    REIMS,
    'facture.eml',
    ['--tlp', 'GREEN'],
    ['--pap', 'GREEN', '--threat', 'malware'],
    [VALENCIENNES, TOULOUSE, LORRAINE]
  ),
  scene('TLP:CLEAR scan', TOULOUSE, 'scan.json', ['--tlp', 'CLEAR'], [], [REIMS, VALENCIENNES, LORRAINE]),
  scene('TLP:AMBER+STRICT c2', REIMS, 'c2.json', ['--tlp', 'AMBER+STRICT'], [], [VALENCIENNES]),
  scene('TLP:AMBER+STRICT c2', TOULOUSE, 'c2.json', ['--tlp', 'AMBER+STRICT'], [], [VALENCIENNES, LORRAINE]),
  scene('TLP:RED → neighbour', REIMS, 'comptes.json', ['--to', 'Valenciennes'], [], [VALENCIENNES]),
  scene('TLP:RED → no link', REIMS, 'comptes.json', ['--to', 'Lorraine'], [], []),
  scene('TLP:AMBER method', LORRAINE, 'methode.json', ['--tlp', 'AMBER'], [], [REIMS, VALENCIENNES, TOULOUSE])
]
