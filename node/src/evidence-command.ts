import type { Command } from 'commander'
import type { CommandEnv } from './commands.ts'
import { type VerifiedEvidence, verifyEvidenceFile } from './evidence-file.ts'

/** Adds `verify` to `tocsin evidence`. Needs no home: anybody may check what somebody else kept. */
export function addEvidenceVerify(program: Command, { stdout, lang }: CommandEnv): void {
  const fr = lang === 'fr'
  const group = program.commands.find((command) => command.name() === 'evidence')
  group
    ?.command('verify')
    .description(fr ? 'vérifier une preuve hors ligne, sans nœud' : 'verify evidence offline, without a node')
    .argument('<file>', fr ? 'fichier de `tocsin evidence export`' : 'file of `tocsin evidence export`')
    .action(async (file: string, _options: object, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>()
      const verified = await verifyEvidenceFile(file)
      stdout.write(json === true ? `${JSON.stringify(verified)}\n` : textOf(verified, fr))
    })
}

const SHOWN: Readonly<Record<VerifiedEvidence['kind'], readonly [string, string]>> = {
  disowned: [
    'Its root key cut off an entry that its node key had signed (after a theft, or to disown it)',
    'Sa clé racine a retranché une entrée que sa clé de nœud avait signée (après un vol, ou pour la renier)'
  ],
  misforward: [
    'It signed that it handed a stream to somebody who may not hold it',
    'Il a signé avoir remis un flot à qui ne doit pas le détenir'
  ],
  'fork-entry': ['It signed two entries for one place of one stream', 'Il a signé deux entrées pour une même place'],
  'fork-stream': [
    'It opened two streams that continue the same one',
    'Il a ouvert deux flots qui continuent le même flot'
  ],
  'fork-register': [
    'Its root key signed two statements with one number',
    'Sa clé racine a signé deux déclarations de même numéro'
  ],
  'foreign-entry': [
    'An entry by its key that its own store did not write',
    'Une entrée de sa clé que son propre stockage n’a pas écrite'
  ]
}

function textOf(verified: VerifiedEvidence, fr: boolean): string {
  const { kind, code, accused, claimedName, claimedDomains, recordedAt, doubtful } = verified
  const rows: (readonly [string, string])[] = [
    [fr ? 'Prouvé' : 'Proved', `${SHOWN[kind][fr ? 1 : 0]} (${code})`],
    [fr ? 'Par' : 'By', accused],
    [
      fr ? 'Nom, selon sa carte' : 'Name, as its card claims',
      // A card is signed by the accused alone: its text steers no terminal and proves no name.
      plain(`${claimedName}, ${claimedDomains.join(', ')}`)
    ],
    [fr ? 'Noté le (non prouvé)' : 'Recorded (not proved)', recordedAt]
  ]
  if (doubtful)
    rows.push([
      fr ? 'Attention' : 'Doubtful',
      fr
        ? 'une signature est d’une clé retirée depuis : un voleur de cette clé a pu la faire'
        : 'a signature is of a key retired since: a thief of that key could have made it'
    ])
  return rows.map(([name, value]) => `${name}: ${value}\n`).join('')
}

/** Control, format and separator characters left out. */
function plain(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
}
