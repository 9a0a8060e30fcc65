import type { Readable, Writable } from 'node:stream'
import { confirm, isCancel, password, select, text } from '@clack/prompts'
import { CliError } from './errors.ts'
import type { Translate } from './language.ts'
import { safeLine } from './safe.ts'

/** Questions at the terminal; on standard error, so that a result can be piped away meanwhile. */
export interface Ask {
  /** Whether there is anybody to ask. */
  readonly possible: boolean
  /** Throws CliError `not-confirmed` unless yes, and `needs-confirmation` if nobody can be asked. */
  confirm(question: string): Promise<void>
  /** One of several. Throws as `confirm` does. */
  choose<T extends string>(
    question: string,
    options: readonly { readonly value: T; readonly label: string }[]
  ): Promise<T>
  /** A line that `isGood` accepts; it is asked for again until then. Throws as `confirm` does. */
  line(question: string, isGood: (typed: string) => boolean, refusal: string): Promise<string>
  /** A secret that is not shown. Throws as `confirm` does. */
  secret(question: string): Promise<string>
}

interface Streams {
  readonly input: Readable
  readonly output: Writable
}

/** Creates the questions of a session. No is always the answer of an empty line. */
export function createAsk(options: {
  readonly stdin: Readable
  readonly stderr: Writable
  readonly isTTY: boolean
  /** Where answers come from once standard input was read to its end. */
  readonly terminal?: (() => Readable | undefined) | undefined
  readonly t: Translate
}): Ask {
  const { stdin, stderr, isTTY, terminal, t } = options

  async function answered<T>(prompt: (streams: Streams) => Promise<T>): Promise<Exclude<T, symbol>> {
    const opened = isTTY && stdin.readableEnded ? terminal?.() : undefined
    const input = stdin.readableEnded ? opened : stdin
    if (!isTTY || input === undefined) throw new CliError('needs-confirmation')
    const answer = await prompt({ input, output: stderr }).finally(() => opened?.destroy())
    if (isCancel(answer)) throw new CliError('not-confirmed')
    return answer as Exclude<T, symbol>
  }

  return {
    possible: isTTY,
    async confirm(question) {
      const labels = { active: t('yes'), inactive: t('no'), initialValue: false }
      const yes = await answered((streams) =>
        confirm({ message: safeLine(`${question} ${t('yes-no-keys')}`), ...labels, ...streams })
      )
      if (!yes) throw new CliError('not-confirmed')
    },
    choose: (question, choices) =>
      answered((streams) =>
        select<string>({
          message: safeLine(question),
          options: choices.map(({ value, label }) => ({ value, label: safeLine(label) })),
          ...streams
        })
      ) as Promise<(typeof choices)[number]['value']>,
    line: (question, isGood, refusal) =>
      answered((streams) =>
        text({
          message: safeLine(question),
          validate: (typed) => (isGood((typed ?? '').trim()) ? undefined : safeLine(refusal)),
          ...streams
        })
      ).then((typed) => typed.trim()),
    secret: (question) => answered((streams) => password({ message: safeLine(question), ...streams }))
  }
}
