/** Prints each arrival the moment a node tells it, as an officer's own tools would hear it: over `/v1/events`. */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Actor } from './stage.ts'

interface Arrived {
  readonly id: string
  readonly tlp: string
  readonly title: string
  readonly author: { readonly id: string; readonly name: string }
  readonly publishedAt: string
  readonly receivedAt: string
}

/** Watches until `signal` aborts. */
export async function watch(actor: Actor, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${actor.api}/v1/events`, {
    headers: { authorization: `Bearer ${actor.token}` },
    signal
  })
  const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  if (events === undefined) return
  try {
    for await (const { event, data } of events) {
      if (event !== 'bulletin') continue
      const bulletin = JSON.parse(data) as Arrived
      if (bulletin.author.id === actor.id) continue
      const held = await actor.get<{ entries: { via?: { name: string } }[] }>(`/v1/bulletins/${bulletin.id}`)
      const after = `${Date.parse(bulletin.receivedAt) - Date.parse(bulletin.publishedAt)} ms`
      const way = `${held?.entries[0]?.via?.name ?? '?'} → ${actor.player.name}`
      say(`    +${after.padEnd(7)} ${way.padEnd(28)} TLP:${bulletin.tlp.padEnd(13)} ${bulletin.title.slice(0, 60)}`)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
