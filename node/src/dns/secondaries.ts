/** Secondaries are told that the zone moved (RFC 1996): at once, and again until they say that they heard. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { setTimeout as after } from 'node:timers/promises'
import { buildNotify, type Notify, readNotifyReply, type TsigKey, type ZoneFacts } from '@tocsin/connectors'

export interface Secondary {
  readonly host: string
  readonly port: number
  /** NOTIFYs to it are signed with this. */
  readonly key: TsigKey | undefined
}

export interface SecondariesOptions {
  readonly facts: ZoneFacts
  readonly secondaries: readonly Secondary[]
  /** The address that secondaries know as their primary's; none where the door listens at all of them. */
  readonly from: string | undefined
  /** ms since the epoch. */
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
  readonly count: (outcome: 'notified' | 'notify-refused' | 'notify-unheard') => void
}

export interface Secondaries {
  /** Starts telling all of this serial; whoever is still being told of an older one is told of this instead. */
  tell(serial: number): void
  stop(): Promise<void>
}

/** ms to wait for an answer, attempt by attempt; who hears none of them asks by himself within the zone's refresh. */
const PATIENCE = [500, 1000, 2000, 4000, 8000, 15_000]

export function createSecondaries(options: SecondariesOptions): Secondaries {
  const { facts, secondaries, now, random, count } = options
  let running: { readonly abort: AbortController; readonly done: Promise<unknown> } | undefined

  async function tellOne(secondary: Secondary, serial: number, signal: AbortSignal): Promise<void> {
    for (const patience of PATIENCE) {
      const id = Buffer.from(random(2)).readUInt16BE(0)
      const notify = buildNotify(facts, serial, id, secondary.key, now())
      const reply = await exchange(secondary, notify, patience, signal)
      if (signal.aborted) return
      if (reply !== undefined) {
        count(reply === 'heard' ? 'notified' : 'notify-refused')
        return
      }
    }
    count('notify-unheard')
  }

  async function exchange(
    { host, port }: Secondary,
    notify: Notify,
    patience: number,
    signal: AbortSignal
  ): Promise<'heard' | 'refused' | undefined> {
    // A socket of its own, at a port of its own: an answer has to be guessed with its id (RFC 5452 §9.2).
    const family = isIPv6(host) ? 'udp6' : 'udp4'
    const socket = createSocket(family)
    const over = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    try {
      const from = options.from === undefined || isIPv6(options.from) !== isIPv6(host) ? undefined : options.from
      socket.bind({ port: 0, ...(from === undefined ? {} : { address: from }) })
      await once(socket, 'listening', { signal: over })
      // Connected: the kernel drops what comes from elsewhere.
      socket.connect(port, host)
      await once(socket, 'connect', { signal: over })
      const reply = new Promise<'heard' | 'refused'>((resolve) => {
        socket.on('message', (message) => {
          const said = readNotifyReply(message, notify, now())
          if (said !== undefined) resolve(said)
        })
      })
      // Nobody listens there, yet: worth another attempt, after the whole wait.
      socket.on('error', () => undefined)
      socket.send(notify.message, () => undefined)
      return await Promise.race([reply, after(patience, undefined, { signal: over })])
    } catch {
      // Out of patience, stopped, or no way there: the next attempt, not before its time.
      await after(patience, undefined, { signal: over }).catch(() => undefined)
      return undefined
    } finally {
      socket.close()
    }
  }

  return {
    tell: (serial) => {
      running?.abort.abort()
      const abort = new AbortController()
      const done = Promise.all(secondaries.map((one) => tellOne(one, serial, abort.signal)))
      running = { abort, done }
    },
    stop: async () => {
      running?.abort.abort()
      await running?.done
    }
  }
}
