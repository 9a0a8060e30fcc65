/**
 * Files between the node and a root key on another machine: what is to be signed goes there, what was signed comes back.
 * Nothing in a file is believed: each register is opened again, and shown, where it is signed and where it is taken in.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { NodeError } from './errors.ts'
import { writeSecret } from './home.ts'

const Base64 = z.base64().min(4).max(50_000)
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)

const Prepared = z.strictObject({
  tocsin: z.literal('to-sign/1'),
  institution: z.string().max(100),
  /** Unsigned registers, header ‖ value. */
  registers: z.array(Base64).max(2048),
  /** The node key changes: the new card is made where the root key and the next node key are. */
  rotation: z
    .strictObject({
      /** The present card register. */
      card: Base64,
      /** ms: the end of the present key. */
      at: z.int().min(0)
    })
    .exactOptional()
})
export type Prepared = z.infer<typeof Prepared>

const Signed = z.strictObject({
  tocsin: z.literal('signed/1'),
  institution: z.string().max(100),
  /** Signed registers, in the order in which they are taken in. */
  registers: z.array(Base64).max(2048),
  /** Seed of the new node key: this file is a secret until it was handed in. */
  nodeKey: Hex32.exactOptional()
})
export type Signed = z.infer<typeof Signed>

export const readPrepared = (path: string): Promise<Prepared> => read(path, Prepared)
export const readSigned = (path: string): Promise<Signed> => read(path, Signed)

/** @throws NodeError statement-file-exists: nothing is written over */
export async function writeStatements(path: string, content: Prepared | Signed): Promise<void> {
  const text = `${JSON.stringify(content, null, 1)}\n`
  try {
    if ('nodeKey' in content) await writeSecret(path, text)
    else await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new NodeError('statement-file-exists', undefined, { path })
  }
}

async function read<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let text: unknown
  try {
    text = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new NodeError('statement-file-invalid', undefined, { path, cause: (error as NodeJS.ErrnoException).code })
  }
  const parsed = schema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new NodeError('statement-file-invalid', undefined, { path, at: parsed.error.issues[0]?.path.join('.') })
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))
