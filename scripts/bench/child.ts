/** Fresh child processes, where memory, event loops and processors matter: called by name, answered once. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a role answers to, each verb with one argument. */
export type Verbs = Readonly<Record<string, (args: never) => unknown>>

interface Call {
  readonly id: number
  readonly verb: string
  readonly args: unknown
}

type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string })

export interface Child<V extends Verbs> extends AsyncDisposable {
  readonly pid: number
  call<K extends keyof V & string>(verb: K, args: Parameters<V[K]>[0]): Promise<Awaited<ReturnType<V[K]>>>
}

/** Starts `roles/<role>.ts` in a process of its own; disposed of, it ends in good order. */
export async function startChild<V extends Verbs>(role: string): Promise<Child<V>> {
  const path = fileURLToPath(new URL(`./roles/${role}.ts`, import.meta.url))
  const child = fork(path, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let last = 0
  child.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) asked?.reject(new Error(`${role}: ${answer.error}`))
    else asked?.resolve(answer.value)
  })
  const gone = once(child, 'exit').then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${role} ended before it answered`))
    waiting.clear()
  })
  const call = (verb: string, args: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      last += 1
      waiting.set(last, { resolve, reject })
      child.send({ id: last, verb, args } satisfies Call, (error) => error !== null && reject(error))
    })
  await call('hello', undefined)
  return {
    pid: child.pid ?? 0,
    call: call as Child<V>['call'],
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect()
      await gone
    }
  }
}

/** Answers the parent's calls; when the parent lets go, `end` runs and the process ends. */
export function serve(verbs: Verbs, end: () => Promise<void> = async () => {}): void {
  process.on('message', async ({ id, verb, args }: Call) => {
    const answer = (text: Answer): void => {
      if (process.connected) process.send?.(text)
    }
    try {
      answer({ id, value: verb === 'hello' ? undefined : await verbs[verb]?.(args as never) })
    } catch (error) {
      answer({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.once('disconnect', async () => {
    await end()
    process.exit(0)
  })
}
