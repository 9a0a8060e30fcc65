/** `tocsin key …`, `sign`, `submit`: the node key changes, streams end, and the root key may be on another machine. */
import type { CardView, OwnStreamsView, OwnStreamView, SubmittedView } from '@tocsin/api'
import type { Session } from '@tocsin/cli'
import {
  type Closing,
  parseCardText,
  prepareRegister,
  type Register,
  type RegisterFields,
  readUnsigned
} from '@tocsin/journal'
import type { InstitutionId, StreamId } from '@tocsin/model'
import type { Command } from 'commander'
import type { CommandEnv } from './commands.ts'
import { NodeError } from './errors.ts'
import { homeAt } from './home.ts'
import { askPassphrase } from './passphrase.ts'
import { enforce, signPrepared, stage, unstage } from './rotation.ts'
import {
  fromBase64,
  type Prepared,
  readPrepared,
  readSigned,
  type Signed,
  toBase64,
  writeStatements
} from './statements.ts'

interface Ending {
  readonly alone?: boolean
  readonly voidForeign?: boolean
  readonly void?: boolean
  readonly prepare?: string
  readonly yes?: boolean
}

/** A stream and its last genuine entry. */
interface End {
  readonly stream: OwnStreamView
  readonly last: number
}

export function addKeyCommands(program: Command, session: Session, env: CommandEnv): void {
  const fr = env.lang === 'fr'
  const say = (english: string, french: string): string => (fr ? french : english)
  const key = program
    .command('key')
    .description(say('the node key and what it signed', 'la clé de nœud et ce qu’elle a signé'))

  key
    .command('streams')
    .description(
      say(
        'our own streams, and what peers hold of them that we did not write',
        'nos flots, et ce que les pairs en détiennent que nous n’avons pas écrit'
      )
    )
    .action(async () => {
      const view = await (await session.client()).get<OwnStreamsView>('/v1/streams')
      if (session.json()) return session.screen.json(view)
      session.screen.table(
        [
          say('stream', 'flot'),
          say('key', 'clé'),
          say('kind', 'genre'),
          'TLP',
          say('entries', 'entrées'),
          say('state', 'état')
        ],
        view.items.map((it) => [it.id, it.key, it.kind, it.tlp, String(it.seq), stateText(it, fr)])
      )
    })

  key
    .command('claim')
    .argument('<stream>', say('a stream with foreign entries', 'un flot avec des entrées étrangères'))
    .description(say('take back entries of ours that this store lost', 'reprendre nos entrées que ce nœud a perdues'))
    .option('--yes', say('do not ask', 'ne pas demander'))
    .action(async (stream: string, { yes = false }: Ending) => {
      if (!yes)
        await session.ask.confirm(
          say(
            'Did this institution write what peers hold of it?',
            'Cet établissement a-t-il écrit ce que les pairs en détiennent ?'
          )
        )
      const view = await (await session.client()).post<OwnStreamView>(
        `/v1/streams/${encodeURIComponent(stream)}/claim`,
        {}
      )
      if (session.json()) session.screen.json(view)
      else session.screen.line(say('Claimed: peers give it back now.', 'Repris : les pairs le rendent maintenant.'))
    })

  ending(key.command('rotate'), say)
    .description(
      say(
        'retire the node key, close its streams and begin with the next one',
        'retirer la clé de nœud, clore ses flots et commencer la suivante'
      )
    )
    .action(async (options: Ending) => {
      const client = await session.client()
      const card = await client.get<CardView>('/v1/card')
      const ends = endsOf(await client.get<OwnStreamsView>('/v1/streams'), options, () => true)
      const rotation = { card: toBase64(parseCardText(card.text)), at: session.now() }
      await finish({ ...toSign(card.id, ends), rotation }, ends, options)
    })

  ending(key.command('close'), say)
    .argument(
      '[stream]',
      say('one stream; else all open ones of retired keys', 'un flot ; sinon tous ceux, ouverts, des clés retirées')
    )
    .option('--void', say('nothing in it is genuine', 'rien n’y est authentique'))
    .description(
      say(
        'end streams at the last entry that this node wrote: after a theft, or to settle a fork',
        'clore des flots à la dernière entrée écrite par ce nœud : après un vol, ou pour trancher une bifurcation'
      )
    )
    .action(async (stream: string | undefined, options: Ending) => {
      const client = await session.client()
      const card = await client.get<CardView>('/v1/card')
      const chosen = (it: OwnStreamView): boolean => (stream === undefined ? it.key === 'retired' : it.id === stream)
      const ends = endsOf(await client.get<OwnStreamsView>('/v1/streams'), options, chosen)
      if (ends.length === 0) throw new NodeError('nothing-to-close')
      await finish(toSign(card.id, ends), ends, options)
    })

  program
    .command('sign')
    .argument('<file>', say('what --prepare wrote', 'ce que --prepare a écrit'))
    .requiredOption('--out <file>', say('where the signed statements go', 'où vont les déclarations signées'))
    .option('--yes', say('do not ask', 'ne pas demander'))
    .description(
      say(
        'sign prepared statements with the root key; needs no node',
        'signer des déclarations préparées avec la clé racine ; sans nœud'
      )
    )
    .action(async (file: string, { out, yes = false }: { out: string; yes?: boolean }) => {
      const prepared = await readPrepared(file)
      for (const line of contentOf(prepared, fr)) session.screen.note(line)
      if (!yes) await session.ask.confirm(say('Sign all of this?', 'Signer tout cela ?'))
      const signed = await sign(prepared)
      await writeStatements(out, signed)
      const secret = signed.nodeKey !== undefined
      if (session.json()) session.screen.json({ file: out, registers: signed.registers.length, secret })
      else {
        session.screen.line(say(`Signed: ${out}`, `Signé : ${out}`))
        if (secret)
          session.screen.note(
            say(
              'It holds the new node key: give it to nobody, and remove it once it is submitted.',
              'Il contient la nouvelle clé de nœud : ne le donnez à personne et supprimez-le une fois soumis.'
            )
          )
      }
    })

  program
    .command('submit')
    .argument('<file>', say('what `tocsin sign` wrote', 'ce que `tocsin sign` a écrit'))
    .description(say('hand signed statements to the node', 'remettre au nœud des déclarations signées'))
    .action(async (file: string) => submit(await readSigned(file)))

  const sign = (prepared: Prepared): Promise<Signed> =>
    signPrepared(homeAt(session.home()), prepared, () => askPassphrase(undefined, env), session.now())

  /** Shows what will be, asks, and signs here or leaves it to another machine. */
  async function finish(prepared: Prepared, ends: readonly End[], { prepare, yes = false }: Ending): Promise<void> {
    for (const end of ends) session.screen.note(endText(end, fr))
    if (prepared.rotation !== undefined)
      session.screen.note(
        say(
          'The present node key ends now; the next one begins.',
          'La clé de nœud actuelle finit maintenant ; la suivante commence.'
        )
      )
    if (prepare !== undefined) {
      await writeStatements(prepare, prepared)
      if (session.json()) session.screen.json({ file: prepare, streams: ends.length })
      else
        session.screen.line(
          say(`To be signed: tocsin sign ${prepare} --out FILE`, `À signer : tocsin sign ${prepare} --out FICHIER`)
        )
      return
    }
    if (!yes) await session.ask.confirm(say('Sign with the root key?', 'Signer avec la clé racine ?'))
    await submit(await sign(prepared))
  }

  async function submit(signed: Signed): Promise<void> {
    const home = homeAt(session.home())
    const isRotation = signed.nodeKey !== undefined
    // On disk before the old key ends: from here on the next start brings it to its end.
    if (isRotation) {
      await stage(home, signed)
      const note = say(
        'The new key is in place: whatever happens now, the next start of the node finishes the change.',
        'La nouvelle clé est en place : quoi qu’il arrive, le prochain démarrage du nœud achève le changement.'
      )
      session.screen.note(note)
    }
    const client = await session.client()
    const taken: SubmittedView[] = []
    for (const register of signed.registers) taken.push(await client.post<SubmittedView>('/v1/registers', { register }))
    if (isRotation) {
      await enforce(home)
      await unstage(home)
    }
    const closed = taken.filter(({ kind }) => kind === 'closing').length
    if (session.json()) return session.screen.json({ taken: taken.map(({ kind }) => kind), restart: isRotation })
    session.screen.line(
      say(
        `Taken in: ${taken.length}, of them closings: ${closed}.`,
        `Remis : ${taken.length}, dont clôtures : ${closed}.`
      )
    )
    if (isRotation)
      session.screen.line(
        say(
          'The node signs nothing until it is restarted with its new key.',
          'Le nœud ne signe plus rien avant son redémarrage avec la nouvelle clé.'
        )
      )
  }
}

function ending(command: Command, say: (english: string, french: string) => string): Command {
  return command
    .option('--alone', say('with no peer linked', 'sans pair relié'))
    .option('--void-foreign', say('disown what this node did not write', 'renier ce que ce nœud n’a pas écrit'))
    .option('--prepare <file>', say('write what is to be signed elsewhere', 'écrire ce qui sera signé ailleurs'))
    .option('--yes', say('do not ask', 'ne pas demander'))
}

/** @throws NodeError no-peer-linked, foreign-undecided */
function endsOf({ items, linked }: OwnStreamsView, options: Ending, chosen: (it: OwnStreamView) => boolean): End[] {
  if (linked === 0 && options.alone !== true) throw new NodeError('no-peer-linked')
  const open = items.filter((it) => it.closed === undefined && chosen(it))
  const undecided = open.filter((it) => it.foreign !== undefined && options.void !== true)
  if (undecided.length > 0 && options.voidForeign !== true)
    throw new NodeError('foreign-undecided', undefined, { streams: undecided.map(({ id }) => id) })
  return open.map((stream) => ({ stream, last: options.void === true ? 0 : stream.seq }))
}

function toSign(institution: string, ends: readonly End[]): Prepared {
  const registers = ends.map(({ stream, last }) => {
    const head = last === 0 ? undefined : stream.head
    const value: Closing = { stream: stream.descriptor, last, ...(head === undefined ? {} : { head }) }
    const author = institution as InstitutionId
    const fields: RegisterFields = { kind: 'closing', author, stream: stream.id as StreamId, number: 1, value }
    return toBase64(prepareRegister(fields))
  })
  return { tocsin: 'to-sign/1', institution, registers }
}

function stateText({ closed, foreign, forkedAt }: OwnStreamView, fr: boolean): string {
  const parts = [
    ...(closed === undefined ? [] : [fr ? `clos à ${closed}` : `closed at ${closed}`]),
    ...(forkedAt === undefined ? [] : [fr ? `bifurqué à ${forkedAt}` : `forked at ${forkedAt}`]),
    ...(foreign === undefined ? [] : [fr ? `étranger jusqu’à ${foreign.seq}` : `foreign up to ${foreign.seq}`])
  ]
  return parts.join(', ') || (fr ? 'ouvert' : 'open')
}

function endText({ stream, last }: End, fr: boolean): string {
  const { id, tlp, kind, foreign } = stream
  const voided =
    foreign === undefined ? '' : fr ? `, étranger annulé jusqu’à ${foreign.seq}` : `, foreign void up to ${foreign.seq}`
  return fr
    ? `clore ${id} (TLP:${tlp}, ${kind}) après ${last}${voided}`
    : `close ${id} (TLP:${tlp}, ${kind}) after ${last}${voided}`
}

/** What a file would have signed, read from its bytes alone. */
function contentOf({ registers, rotation, institution }: Prepared, fr: boolean): string[] {
  const change = fr ? 'une nouvelle carte : la clé de nœud change' : 'a new card: the node key changes'
  return [
    `${fr ? 'établissement' : 'institution'} ${institution}`,
    ...registers.map((text) => lineOf(readUnsigned(fromBase64(text)))),
    ...(rotation === undefined ? [] : [change])
  ]
}

function lineOf(register: Register): string {
  const { kind, circle, subject, stream } = register
  const said = kind === 'closing' ? { last: register.value.last, head: register.value.head } : register.value
  return [kind, circle ?? stream, subject, JSON.stringify(said)].filter((part) => part !== undefined).join(' ')
}
