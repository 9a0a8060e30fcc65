import type { BulletinView } from '@tocsin/api'
import { defangText, formatPap, formatTlp } from '@tocsin/model'
import type { Command } from 'commander'
import { segment } from '../client.ts'
import type { Session } from '../session.ts'
import { nameOf, shortIds, shortTime } from '../shown.ts'

/** `show`: one bulletin whole. */
export function addShowCommand(program: Command, session: Session): void {
  program
    .command('show')
    .description(session.t('show-help'))
    .argument('<id>', session.t('arg-id'))
    .action(async (id: string) => {
      const view = await (await session.client()).get<BulletinView>(`/v1/bulletins/${segment(id)}`)
      if (session.json()) session.screen.json(view)
      else bulletinShown(session, view)
    })
}

/** `2+3/0/0`: 3 institutions more told the author alone. */
function sightingsShown(it: BulletinView['indicators'][number]['sightings']): string {
  const seen = it.private === 0 ? String(it.sighting) : `${it.sighting}+${it.private}`
  return `${seen}/${it.falsePositive}/${it.expiration}`
}

function bulletinShown({ t, screen }: Session, view: BulletinView): void {
  const { circle, retraction } = view
  screen.facts([
    [t('col-title'), defangText(view.title)],
    [t('col-id'), view.id],
    [t('col-state'), view.state],
    ...(retraction === undefined
      ? []
      : [
          [
            t('retracted'),
            t('retracted-at', {
              reason: defangText(retraction.reason),
              at: shortTime(retraction.at),
              erases: shortTime(retraction.erasesAt)
            })
          ] as const
        ]),
    [t('col-labels'), `${formatTlp(view.tlp)} ${formatPap(view.pap)}`],
    [
      t('col-audience'),
      circle?.name ?? (view.recipients.length > 0 ? view.recipients.map(nameOf).join(', ') : t('no-circle'))
    ],
    [t('col-threat'), `${view.threat} (${view.rsit})`],
    [t('col-confidence'), String(view.confidence)],
    [t('col-author'), nameOf(view.author)],
    [t('col-published'), shortTime(view.publishedAt)],
    [t('col-received'), shortTime(view.receivedAt)],
    [t('col-keep-until'), shortTime(view.keepUntil)],
    ...(view.tags.length === 0 ? [] : [[t('col-tags'), defangText(view.tags.join(', '))] as const]),
    ...(view.about.length === 0 ? [] : [[t('col-about'), view.about.join(', ')] as const]),
    ...(view.supersedes === undefined ? [] : [[t('col-supersedes'), view.supersedes] as const])
  ])
  if (view.text !== '') {
    screen.line()
    screen.text(defangText(view.text), 2)
  }
  if (view.indicators.length > 0) {
    screen.line()
    screen.table(
      [t('col-value'), t('col-type'), t('col-role'), t('col-state'), t('col-sightings'), t('col-comment')],
      view.indicators.map((it) => [
        it.defanged,
        it.type,
        it.role,
        it.state,
        sightingsShown(it.sightings),
        defangText(it.comment ?? '')
      ])
    )
  }
  if (view.references.length > 0) {
    screen.line()
    screen.table(
      [t('col-reference'), t('col-verdict'), t('col-score')],
      view.references.map((it) => [
        defangText(it.url),
        it.verdict ?? '',
        it.score === undefined ? '' : String(it.score)
      ])
    )
  }
  for (const rule of view.rules) {
    screen.line()
    screen.line(`${rule.kind}: ${rule.name}`)
    screen.text(rule.text, 2)
  }
  if (view.attachments.length > 0) {
    screen.line()
    screen.table(
      [t('col-attachment'), t('col-media-type'), t('col-size'), 'SHA-256'],
      view.attachments.map((it) => [it.name, it.mediaType, String(it.size), it.sha256])
    )
  }
  screen.line()
  const short = shortIds(view.entries.flatMap(({ entry, stream }) => [entry, stream]))
  screen.table(
    [t('col-entry'), t('col-stream'), t('col-seq'), t('col-via'), t('col-received')],
    view.entries.map((it) => [
      short.get(it.entry) ?? it.entry,
      short.get(it.stream) ?? it.stream,
      String(it.seq),
      it.via === undefined ? t('here') : nameOf(it.via),
      shortTime(it.receivedAt)
    ])
  )
}
