import { createHash } from 'node:crypto'
import { openNameless } from '@tocsin/connectors'

/** A body that is looked at before it is taken. */
export interface Spooled extends AsyncDisposable {
  /** Of its bytes, in lower-case hex. */
  readonly sha256: string
  /** From its beginning, as often as it is asked for. */
  read(): AsyncIterable<Uint8Array>
}

const AT_A_TIME = 64 * 1024

/** Into a file without a name in `folder`, gone with what is disposed of or with the process. */
export async function spool(body: AsyncIterable<Uint8Array>, folder: string): Promise<Spooled> {
  const file = await openNameless(folder)
  const hash = createHash('sha256')
  try {
    for await (const chunk of body) {
      hash.update(chunk)
      await file.appendFile(chunk)
    }
  } catch (error) {
    await file.close()
    throw error
  }
  return {
    sha256: hash.digest('hex'),
    async *read() {
      for (let at = 0; ; ) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(AT_A_TIME), 0, AT_A_TIME, at)
        if (bytesRead === 0) return
        at += bytesRead
        yield buffer.subarray(0, bytesRead)
      }
    },
    [Symbol.asyncDispose]: () => file.close()
  }
}
