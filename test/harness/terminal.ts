/** The `tocsin` command at a terminal of its own: a pseudo-terminal by script(1), and somebody who types. */
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { BIN } from './process.ts'

type OnScreen = string | ((screen: string) => string)

/**
 * What is typed once a question shows; functions are given everything on the screen so far. A question is drawn again
 * while it is answered, so that the next one must read otherwise.
 */
export type Answer = readonly [question: OnScreen, keys: OnScreen]

const textOf = (it: OnScreen, screen: string): string => (typeof it === 'string' ? it : it(screen))

export interface Typed {
  readonly code: number
  /** Both streams, as the terminal showed them, without colours and cursor moves. */
  readonly screen: string
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Runs a command to its end and answers its questions in order. */
export function tocsinTyped(home: string, args: readonly string[], answers: readonly Answer[]): Promise<Typed> {
  // A terminal of no width would wrap every letter.
  const command = `stty cols 200 rows 50; exec ${[process.execPath, BIN, '--home', home, ...args].map(quoted).join(' ')}`
  // -e: its exit status; -f: nothing waits in a buffer; no file keeps what was shown.
  const child = spawn('script', ['-q', '-e', '-f', '-c', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', TERM: 'xterm' }
  })
  const waiting = [...answers]
  let raw = ''
  /** Where the last question stood: the next one is looked for below. */
  let seen = 0
  child.stdout.on('data', (data: Buffer) => {
    raw += data.toString()
    const screen = stripVTControlCharacters(raw)
    const [next] = waiting
    if (next === undefined) return
    const question = textOf(next[0], screen)
    const at = screen.indexOf(question, seen)
    if (at === -1) return
    waiting.shift()
    seen = at + question.length
    const keys = textOf(next[1], screen)
    // A person presses a key after the question is drawn, not while.
    setImmediate(() => child.stdin.write(keys))
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      child.stdin.destroy()
      resolve({ code: code ?? -1, screen: stripVTControlCharacters(raw) })
    })
  })
}
