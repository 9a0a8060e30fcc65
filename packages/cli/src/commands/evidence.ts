import type { EvidenceView } from '@tocsin/api'
import type { Command } from 'commander'
import type { TextKey } from '../catalogue.ts'
import { CliError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import type { Session } from '../session.ts'
import { nameOf, shortIds, shortTime } from '../shown.ts'

/** `evidence`: who broke a rule or forked, with proof; `evidence verify` needs no node and is the node's own command. */
export function addEvidenceCommands(program: Command, session: Session): void {
  const { t, screen } = session
  const evidence = program.command('evidence').description(t('evidence-help'))
  evidence
    .command('list')
    .description(t('evidence-list-help'))
    .action(async () => {
      const list = await listOf(session)
      if (session.json()) return screen.json({ items: list })
      if (list.length === 0) return screen.line(t('no-evidence'))
      const short = shortIds(list.map(({ id }) => id))
      screen.table(
        [t('col-id'), t('col-recorded'), t('col-institution'), t('col-what'), t('col-rule')],
        list.map((it) => [
          short.get(it.id) ?? it.id,
          shortTime(it.at),
          nameOf(it.accused),
          offenceText(session, it.kind),
          it.code
        ])
      )
    })
  evidence
    .command('export')
    .description(t('evidence-export-help'))
    .argument('<id>', t('arg-evidence'))
    .option('--to <file>', t('opt-evidence-to'))
    .action(async (id: string, options: { to?: string }) => {
      const found = (await listOf(session)).filter((it) => it.id.startsWith(id.toLowerCase()))
      const [one, other] = found
      if (one === undefined) throw new CliError('no-such-evidence', undefined, { id })
      if (other !== undefined)
        throw new CliError('evidence-ambiguous', undefined, { id, candidates: found.map((it) => it.id) })
      const { bundle, card } = one
      if (card === undefined) throw new CliError('evidence-without-card', undefined, { id: one.id })
      const document = { format: 'tocsin-evidence', version: 1, evidence: bundle, card }
      if (options.to === undefined) return screen.json(document, 2)
      await writeWhole(options.to, `${JSON.stringify(document, undefined, 2)}\n`, 0o644)
      if (session.json()) screen.json({ id: one.id, file: options.to })
      else screen.line(t('evidence-exported', { file: options.to, name: nameOf(one.accused) }))
    })
}

async function listOf(session: Session): Promise<readonly EvidenceView[]> {
  return (await (await session.client()).get<{ items: EvidenceView[] }>('/v1/evidence')).items
}

const OFFENCES: Readonly<Record<string, TextKey>> = {
  misforward: 'offence-misforward',
  'fork-entry': 'offence-fork-entry',
  'fork-stream': 'offence-fork-stream',
  'fork-register': 'offence-fork-register',
  'foreign-entry': 'offence-foreign-entry',
  disowned: 'offence-disowned'
}

function offenceText({ t }: Session, kind: string): string {
  const key = Object.hasOwn(OFFENCES, kind) ? OFFENCES[kind] : undefined
  return key === undefined ? kind : t(key)
}
