/** The other end of `thread-reader.ts`: reads what it is sent, one after another. Nothing else runs in this thread. */
import { parentPort } from 'node:worker_threads'
import { READY, type Reading, readEntry, type Unread } from './reading.ts'

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread only')

port.on('message', (unread: Unread) => {
  const reading = readEntry(unread)
  port.postMessage(reading, buffersOf(reading))
})

port.postMessage(READY)

/** Rows are handed over, not copied. */
function buffersOf(reading: Reading | undefined): ArrayBuffer[] {
  if (reading?.bulletin?.ok !== true) return []
  const { bytes, ends } = reading.bulletin.rows
  return [bytes.buffer as ArrayBuffer, ends.buffer as ArrayBuffer]
}
