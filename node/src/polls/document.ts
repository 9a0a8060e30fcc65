/** One document at one address, read again when it has changed. */
import { askedIfChanged, validatorsOf } from './unchanged.ts'
import { expectData, type PollWork } from './work.ts'

/** Bytes; formats that take less refuse the rest themselves. */
const MOST = 256 * 1024 * 1024

/** @throws NodeError of the table of polls */
export async function pollDocument(work: PollWork): Promise<void> {
  const answer = await work.get(work.url, askedIfChanged(work.cursor), MOST)
  if (answer.status === 304) return answer.drop()
  expectData(answer)
  await work.take(answer.body)
  await work.keep(validatorsOf(answer))
}
