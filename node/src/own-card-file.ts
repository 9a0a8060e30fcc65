/** The card of the home follows the newest one that our root key signed: a lost store begins with what it says. */
import { cardText, currentNodeKeys } from '@tocsin/journal'
import type { Replica } from '@tocsin/replica'
import { type Home, replaceSecret } from './home.ts'

/**
 * Watches for cards of our own, and writes each that certifies the node key in use: any other would let the next start
 * fail, and a change of the key has a file of its own (rotation.ts).
 * @param failed told where the file cannot be written; tried again with the next card
 * @returns ends watching
 */
export function keepCardFile(
  home: Home,
  { watch, book, identity, world }: Replica,
  held: number,
  failed: (error: unknown) => void
): () => void {
  let newest = held
  let writing = Promise.resolve()
  return watch((event) => {
    if (event.type !== 'registers') return
    const card = book.cardRegister(identity.institution)
    if (card?.register.kind !== 'card' || card.register.number <= newest) return
    if (!currentNodeKeys(card.register.value, world.now()).includes(identity.nodeKey)) return
    newest = card.register.number
    const text = cardText(card.bytes)
    writing = writing.then(() => replaceSecret(home.card, text)).catch(failed)
  })
}
