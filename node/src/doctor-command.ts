import { type Session, safeLine } from '@tocsin/cli'
import type { Command } from 'commander'
import type { CommandEnv } from './commands.ts'
import type { Check, Finding, Outcome } from './doctor.ts'
import { NodeError } from './errors.ts'
import { homeAt, stateOf } from './home.ts'

/** Adds `tocsin doctor`. Exit status 1 where something is broken, 0 where all is well or only worth a look. */
export function addDoctor(program: Command, session: Session, { stdout, lang }: CommandEnv): void {
  const fr = lang === 'fr'
  program
    .command('doctor')
    .description(fr ? 'examiner ce nœud et dire que faire' : 'examine this node and say what to do')
    .action(async () => {
      const { examine } = await import('./doctor.ts')
      const home = homeAt(session.home())
      if (stateOf(home) === 'absent') throw new NodeError('home-missing', undefined, { home: home.dir })
      const findings = await examine(home, () => session.client(), Date.now())
      if (session.json()) stdout.write(`${JSON.stringify({ items: findings })}\n`)
      else for (const finding of findings) stdout.write(`${lineOf(finding, fr ? 1 : 0)}\n`)
      const problems = findings.filter(({ state }) => state === 'problem').length
      if (problems > 0) throw new NodeError('problems-found', undefined, { problems })
    })
}

function lineOf({ check, state, outcome, facts }: Finding, lang: 0 | 1): string {
  const mark = { good: ['ok  ', 'ok  '], warning: ['look', 'voir'], problem: ['ACT ', 'AGIR'] }[state][lang]
  const text = TEXTS[`${check}/${outcome}`]?.[lang] ?? TEXTS[`*/${outcome}`]?.[lang] ?? outcome
  const filled = text.replace(/\{(\w+)\}/g, (_all, name: string) => String(facts[name] ?? ''))
  return safeLine(`${mark}  ${NAMES[check][lang].padEnd(16)} ${filled}`)
}

const NAMES: Readonly<Record<Check, readonly [string, string]>> = {
  config: ['configuration', 'configuration'],
  permissions: ['permissions', 'droits'],
  'root-key': ['root key', 'clé racine'],
  card: ['card', 'carte'],
  disk: ['disk', 'disque'],
  node: ['node', 'nœud'],
  version: ['version', 'version'],
  signing: ['signing', 'signature'],
  clock: ['clock', 'horloge'],
  alarms: ['alarms', 'alarmes'],
  evidence: ['evidence', 'preuves'],
  peers: ['peers', 'pairs'],
  vouches: ['vouches', 'cautions'],
  presences: ['presences', 'présences'],
  reachability: ['reachability', 'joignabilité']
}

/** English and French; `*` stands for every check that has no text of its own. */
const TEXTS: Readonly<Partial<Record<`${Check | '*'}/${Outcome}`, readonly [string, string]>>> = {
  '*/fine': ['fine', 'bien'],
  '*/unreadable': ['{path}: {reason}', '{path} : {reason}'],
  'permissions/open-to-others': [
    '{path} can be read by others of this machine: chmod go= {path}',
    '{path} est lisible par d’autres comptes de cette machine : chmod go= {path}'
  ],
  'root-key/plain': [
    '{path} is not encrypted, whoever copies it is this institution: age -p -o root.age {path}, then put root.age in its place',
    '{path} n’est pas chiffrée, qui la copie devient cet établissement : age -p -o root.age {path}, puis remplacez-la par root.age'
  ],
  'root-key/elsewhere': ['kept elsewhere', 'gardée ailleurs'],
  'card/key-retired': [
    'no node key of the card is valid now, nobody lets this node in: tocsin key rotate',
    'aucune clé de nœud de la carte n’est valide, personne ne laisse entrer ce nœud : tocsin key rotate'
  ],
  'card/key-ends': [
    'its node key ends on {until}: tocsin key rotate before',
    'sa clé de nœud finit le {until} : tocsin key rotate avant'
  ],
  'disk/fine': ['{mib} MiB free', '{mib} Mio libres'],
  'disk/nearly-full': [
    'only {mib} MiB free in {path}: make room',
    'seulement {mib} Mio libres dans {path} : faites de la place'
  ],
  'disk/full': [
    'only {mib} MiB free in {path}, nothing more is accepted: make room',
    'seulement {mib} Mio libres dans {path}, plus rien n’est accepté : faites de la place'
  ],
  'node/fine': ['runs since {since} UTC', 'tourne depuis {since} UTC'],
  'node/not-running': [
    'does not answer: {reason}. Start it: tocsin run',
    'ne répond pas : {reason}. Lancez : tocsin run'
  ],
  'version/fine': ['{version}', '{version}'],
  'version/differs': [
    'the running node is {version}, this command {own}: restart the node',
    'le nœud qui tourne est en {version}, cette commande en {own} : redémarrez le nœud'
  ],
  'signing/not-signing': ['does not sign: {reason} ({code})', 'ne signe pas : {reason} ({code})'],
  'clock/fine': ['as that of most of {count} peers', 'comme celle de la plupart des {count} pairs'],
  'clock/off': [
    '{reason}: set it (timedatectl set-ntp true), then the node signs again by itself',
    '{reason} : réglez-la (timedatectl set-ntp true), puis le nœud signe de nouveau de lui-même'
  ],
  'clock/unknown': ['no linked peer to compare with', 'aucun pair relié pour comparer'],
  'vouches/ours-ends': [
    'ours for {name} in {circle} ends on {until}: tocsin vouch {id} --circle {circle}',
    'la nôtre pour {name} dans {circle} finit le {until} : tocsin vouch {id} --circle {circle}'
  ],
  'vouches/card-changed': [
    'ours in {circle} names {name}; the card of {id} says {card} now: call, then vouch anew or revoke',
    'la nôtre dans {circle} nomme {name} ; la carte de {id} dit maintenant {card} : appelez, puis garantissez de nouveau ou révoquez'
  ],
  'vouches/needed-ends': [
    'that of {by} for us in {circle} ends on {until}, and we are no member without it: ask for a new one',
    'celle de {by} pour nous dans {circle} finit le {until}, et sans elle nous ne sommes plus membres : demandez-en une'
  ],
  'alarms/raised': ['{reason} ({code})', '{reason} ({code})'],
  'evidence/raised': [
    '{count} kept: tocsin evidence list; tell the circle',
    '{count} conservées : tocsin evidence list ; prévenez le cercle'
  ],
  'peers/fine': ['all {count} linked', 'tous reliés : {count}'],
  'peers/none': ['none yet: the guide says how to join', 'aucun encore : le guide dit comment rejoindre'],
  'peers/unlinked': [
    '{name} is not linked: {reason} ({code}); call them, or tocsin peer list',
    '{name} n’est pas relié : {reason} ({code}) ; appelez-les, ou tocsin peer list'
  ],
  'presences/stale': [
    'TLP:AMBER of {circle} stopped here ({code}): {heard} others heard of, {needed} needed. Link to {silent}',
    'TLP:AMBER de {circle} arrêté ici ({code}) : {heard} autres entendus, {needed} nécessaires. Reliez-vous à {silent}'
  ],
  'reachability/fine': ['peers dial {addresses}', 'les pairs appellent {addresses}'],
  'reachability/no-address': [
    'the card names no address, only this node can dial: set announce in config.toml, or be reached through a relay',
    'la carte n’indique aucune adresse, seul ce nœud peut appeler : réglez announce dans config.toml, ou passez par un relais'
  ],
  'reachability/loopback-only': [
    'the card names {addresses}, where no other machine reaches this one',
    'la carte indique {addresses}, où aucune autre machine ne joint celle-ci'
  ]
}
