/**
 * `npm run demo`: four universities in a line and an outsider, as real processes over real libp2p links, share real
 * bulletins of every TLP. `-- --once` ends after the table, with status 0 only if every cell is as the hop rule says.
 */
import { once } from 'node:events'
import { numberOf } from '../../test/harness/introduce.ts'
import { temporaryFolder, until } from '../../test/harness/process.ts'
import { LINE, OUTSIDER, type Player, SCENES, type Scene } from './cast.ts'
import { watch } from './live.ts'
import { type Actor, appear } from './stage.ts'
import { type Cell, type Row, tableOf } from './table.ts'

interface Audience {
  readonly direct: readonly { readonly id: string }[]
  readonly relay: readonly { readonly id: string }[]
  readonly refused: readonly { readonly id: string; readonly code: string }[]
}

interface Held {
  readonly publishedAt: string
  readonly receivedAt: string
  readonly title: string
  readonly entries: readonly { readonly via?: { readonly name: string }; readonly receivedAt: string }[]
}

interface Played {
  readonly scene: Scene
  readonly id: string
  readonly announced: Audience
}

const CIRCLE = 'esr-fr'
const say = (text: string): void => console.log(text)

async function main(isOnce: boolean): Promise<boolean> {
  const folder = await temporaryFolder()
  const actors: Actor[] = []
  try {
    say('Five institutions make their keys and start …')
    for (const one of await Promise.all([...LINE, OUTSIDER].map((player) => appear(player, folder.dir))))
      actors.push(one)
    const of = (player: Player): Actor => actors.find((actor) => actor.player === player) as Actor
    await introduce(of)
    await found(of)
    say('Bulletins of every TLP are published; each line is an arrival as the node itself tells it …')
    const watching = new AbortController()
    const watchers = actors.map((actor) => watch(actor, say, watching.signal))
    const played: Played[] = []
    for (const scene of SCENES) played.push(await play(of(scene.by), scene))
    // First whatever must arrive, then the empty cells: an absence counts only once its time was up.
    await Promise.all(played.map((one) => arrived(one, of)))
    const rows = await Promise.all(played.map((one) => outcome(one, of)))
    watching.abort()
    await Promise.all(watchers)
    const isolated = await outsiderSawNothing(of(OUTSIDER))
    const allRight = rows.every(({ cells }) => cells.every(({ right }) => right)) && isolated
    say(`\n${tableOf([...LINE, OUTSIDER], rows)}\n`)
    say(
      allRight
        ? 'Every cell is as the hop rule says and as `tocsin audience` had announced.'
        : 'Some cells are NOT as the hop rule says.'
    )
    if (!isOnce) await stayUp(of)
    return allRight
  } finally {
    await Promise.all(actors.map((actor) => actor.process.stop()))
    await folder.remove()
  }
}

/** Each knows its neighbours alone. The outsider has everybody's card; nobody has its. */
async function introduce(of: (player: Player) => Actor): Promise<void> {
  // What each would read aloud on the telephone.
  const join = async (at: Actor, other: Actor): Promise<void> => {
    await at.run(['join', '-', '--no-domain-check', '--number', await numberOf(other.card)], other.card)
  }
  say('Cards are exchanged along the line Reims–Valenciennes–Toulouse–Lorraine; the outsider keeps trying …')
  for (const [index, player] of LINE.entries()) {
    const next = LINE[index + 1]
    if (next !== undefined) {
      await join(of(player), of(next))
      await join(of(next), of(player))
    }
    await join(of(OUTSIDER), of(player))
  }
  for (const player of LINE) {
    await until(`${player.name} is linked with its neighbours`, async () => {
      const peers = await of(player).get<{ items: { connected: boolean }[] }>('/v1/peers')
      return peers?.items.every(({ connected }) => connected)
    })
  }
}

/** Three founders, k = 2; Lorraine is vouched in by the two that know it. */
async function found(of: (player: Player) => Actor): Promise<void> {
  say(`The circle ${CIRCLE} is founded by three, k = 2; Lorraine is vouched in …`)
  const [reims, valenciennes, toulouse, lorraine] = LINE.map(of) as [Actor, Actor, Actor, Actor]
  const { mkdtemp, writeFile } = await import('node:fs/promises')
  const cards = await mkdtemp(`${reims.home}/cards-`)
  const founders: string[] = []
  for (const founder of [valenciennes, toulouse]) {
    const path = `${cards}/${founder.player.name}`
    await writeFile(path, founder.card)
    founders.push('--founder', path)
  }
  await reims.run(['circle', 'create', CIRCLE, '--threshold', '2', ...founders, '--yes'])
  for (const founder of [reims, valenciennes, toulouse]) {
    await until(`${founder.player.name} knows the circle`, () => founder.get(`/v1/circles/${CIRCLE}`))
    await founder.run(['circle', 'accept', CIRCLE, '--yes'])
  }
  await until('Toulouse sees three members', async () => (await members(toulouse)) === 3)
  await toulouse.run(['vouch', 'Lorraine', '--circle', CIRCLE, '--how', 'phone', '--yes'])
  await until('Valenciennes sees three members', async () => (await members(valenciennes)) === 3)
  await until('Valenciennes holds the card of Lorraine', () =>
    valenciennes.run(['vouch', lorraine.id, '--circle', CIRCLE, '--how', 'phone', '--yes'])
  )
  await until('Lorraine knows the circle', () => lorraine.get(`/v1/circles/${CIRCLE}`))
  await lorraine.run(['circle', 'accept', CIRCLE, '--yes'])
  for (const actor of [reims, valenciennes, toulouse, lorraine]) {
    await until(`${actor.player.name} sees four members`, async () => (await members(actor)) === 4)
  }
}

async function members(actor: Actor): Promise<number> {
  return (await actor.get<{ members: unknown[] }>(`/v1/circles/${CIRCLE}`))?.members.length ?? 0
}

/** What `audience` announces, then the real thing. */
async function play(author: Actor, scene: Scene): Promise<Played> {
  const announced = await author.run<Audience>(['audience', ...toAudience(scene.audience)])
  say(`  ${author.player.name.padEnd(13)} publishes ${scene.label}`)
  const { id } = await author.run<{ id: string }>(['publish', scene.file, ...scene.args, '--yes'])
  return { scene, id, announced }
}

/** `--to` alone means RED for `publish`; `audience` wants the label as well. */
function toAudience(labels: readonly string[]): readonly string[] {
  return labels.includes('--to') ? ['--tlp', 'RED', ...labels] : labels
}

async function arrived({ scene, id }: Played, of: (player: Player) => Actor): Promise<void> {
  for (const who of scene.reaches) {
    await until(`${who.name} holds ${scene.label}`, () => of(who).get<Held>(`/v1/bulletins/${id}`))
  }
}

async function outcome({ scene, id, announced }: Played, of: (player: Player) => Actor): Promise<Row> {
  const cells: Cell[] = []
  for (const who of [...LINE, OUTSIDER]) {
    if (who === scene.by) continue
    const actor = of(who)
    const expected = scene.reaches.includes(who)
    const said = [...announced.direct, ...announced.relay].some((one) => one.id === actor.id)
    const held = await actor.get<Held>(`/v1/bulletins/${id}`)
    const right = (held !== undefined) === expected && said === expected
    const rule = announced.refused.find((one) => one.id === actor.id)?.code ?? 'nobody-s-peer'
    const via = held?.entries[0]?.via?.name
    cells.push({
      who,
      right,
      ...(held === undefined ? { rule } : { after: Date.parse(held.receivedAt) - Date.parse(held.publishedAt) }),
      ...(via === undefined ? {} : { via })
    })
  }
  return { label: scene.label, by: scene.by, cells }
}

/** It dialled all the time: no link, no circle, no bulletin. */
async function outsiderSawNothing(outsider: Actor): Promise<boolean> {
  const status = await outsider.get<{
    peers: { known: number; connected: number }
    circles: number
    bulletins: number
  }>('/v1/status')
  say(
    `\nThe outsider dialled ${status?.peers.known} institutions: ${status?.peers.connected} links, ${status?.circles} circles, ${status?.bulletins} bulletins.`
  )
  return status?.peers.connected === 0 && status.circles === 0 && status.bulletins === 0
}

async function stayUp(of: (player: Player) => Actor): Promise<void> {
  const reims = of(LINE[0] as Player)
  say(
    `\nReims stays up until Ctrl-C:\n  API    ${reims.api}   (OpenAPI at /openapi.json)\n  token  ${reims.token}\n  CLI    npx tocsin --home ${reims.home} status\n`
  )
  say(
    `Try:\n  curl -H 'Authorization: Bearer ${reims.token}' '${reims.api}/v1/bulletins'\n  npx tocsin --home ${reims.home} search messagerie-univ.example\n`
  )
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  say('Stopping …')
}

process.exitCode = (await main(process.argv.includes('--once'))) ? 0 : 1
