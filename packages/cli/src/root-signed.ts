/** Statements by the root key: prepared by the node, shown, confirmed, signed wherever the key is, and taken in. */
import type { CardView, PreparedView, SubmittedView } from '@tocsin/api'
import type { RootPurpose } from './env.ts'
import { CliError } from './errors.ts'
import { writeNew } from './files.ts'
import type { Session } from './session.ts'
import { nameOf } from './shown.ts'

/** Bytes of an Ed25519 signature. */
const SIGNATURE = 64

/** What signing a statement would do, as it is shown before the question. */
export function preparedShown({ t, screen }: Session, prepared: PreparedView): void {
  screen.note(`${t('will-sign')} ${prepared.summary}`)
  if (prepared.falls.length > 0) screen.note(`${t('would-fall')} ${prepared.falls.map(nameOf).join(', ')}`)
  if (prepared.returns.length > 0) screen.note(`${t('would-return')} ${prepared.returns.map(nameOf).join(', ')}`)
  for (const warning of prepared.warnings) screen.note(`${t('warning')} ${warning}`)
}

/** The signature of the root key. Throws CliError `no-root-key`, and whatever the signer throws. */
export async function rootSignature(session: Session, message: Uint8Array, purpose: RootPurpose): Promise<Uint8Array> {
  const { rootSigner } = session.env
  if (rootSigner === undefined) throw new CliError('no-root-key')
  const signature = await rootSigner(message, purpose, session.home())
  if (signature.byteLength !== SIGNATURE) throw new TypeError(`a signature has ${SIGNATURE} bytes`)
  return signature
}

/**
 * For a root key on another machine: shows what signing would do and writes it for `tocsin sign`. `tocsin submit` hands
 * in what comes back. Throws CliError `file-unwritable`.
 */
export async function prepareFor(session: Session, prepared: PreparedView, file: string): Promise<void> {
  preparedShown(session, prepared)
  const { id } = await (await session.client()).get<CardView>('/v1/card')
  const content = { tocsin: 'to-sign/1', institution: id, registers: [prepared.register] }
  await writeNew(file, `${JSON.stringify(content, null, 1)}\n`)
  if (session.json()) session.screen.json({ file })
  else session.screen.line(session.t('prepared', { file }))
}

/** Shows, asks unless `yes`, signs and hands in. */
export async function signAndSubmit(
  session: Session,
  prepared: PreparedView,
  purpose: RootPurpose,
  yes: boolean
): Promise<SubmittedView> {
  preparedShown(session, prepared)
  // Before the question: nobody should answer it for nothing.
  if (session.env.rootSigner === undefined) throw new CliError('no-root-key')
  if (!yes) await session.ask.confirm(session.t('sign-question'))
  const unsigned = Buffer.from(prepared.register, 'base64')
  const signature = await rootSignature(session, unsigned, purpose)
  const register = Buffer.concat([unsigned, signature]).toString('base64')
  return (await session.client()).post<SubmittedView>('/v1/registers', { register })
}
