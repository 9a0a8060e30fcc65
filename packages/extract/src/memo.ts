/** A few thousand names: those of one long paste, or the ones that come again and again. */
const MOST = 4_096
/** Longer texts are no names, and are not kept. */
const LONGEST = 256

/** Remembers what a pure function said of a text; forgets everything when there is too much of it. */
export function createMemo<Value>(ask: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const value = known.get(text)
    if (value !== undefined) return value
    const asked = ask(text)
    if (text.length > LONGEST) return asked
    if (known.size >= MOST) known.clear()
    known.set(text, asked)
    return asked
  }
}
