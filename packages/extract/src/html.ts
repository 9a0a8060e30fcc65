import { createEditor, type Edited, type Editor } from './edited.ts'
import { referenceAt } from './entities.ts'

/** What a page says, as three readings of one source: its text, where its links lead, what it loads. */
export interface ReadHtml {
  readonly text: Edited
  /** One link a line. */
  readonly links: Edited
  /** Images, scripts and styles, one a line. */
  readonly loads: Edited
}

const LINK_ATTRIBUTES: Readonly<Record<string, 'link' | 'load'>> = {
  href: 'link',
  action: 'link',
  formaction: 'link',
  src: 'load',
  background: 'load'
}
/** What a frame or a script loads is what the reader is led to. */
const ACTIVE_LOADS = new Set(['iframe', 'frame', 'script', 'embed'])
const BREAKS = new Set(
  'address article blockquote br center dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li ol option p pre section table title tr ul'.split(
    ' '
  )
)
const OPAQUE = new Set(['script', 'style'])
const NAME_END = /[\s/>]/
const REFRESH = /^\s{0,8}\d{0,4}\s{0,8}[;,]\s{0,8}(?:url\s{0,4}=\s{0,4})?['"]?/i

interface Attribute {
  readonly name: string
  readonly start: number
  readonly end: number
}

/**
 * Reads HTML in one pass without building a tree: mails are rarely well-formed, and nothing here depends on nesting.
 * Whatever is not closed reaches to the end, so that the pass stays linear.
 */
export function readHtml(source: string): ReadHtml {
  const text = createEditor(source)
  const links = createEditor(source)
  const loads = createEditor(source)
  const lower = source.toLowerCase()
  let linksDone = 0
  let loadsDone = 0
  let at = 0
  while (at < source.length) {
    const char = source.charAt(at)
    if (char === '&') {
      const reference = referenceAt(source, at)
      if (reference !== undefined) text.replace(at, at + reference.length, reference.text)
      at += reference?.length ?? 1
    } else if (char === '<' && /[a-z/!?]/i.test(source.charAt(at + 1))) at = readTag(at)
    else at++
  }
  links.replace(linksDone, source.length, '')
  loads.replace(loadsDone, source.length, '')
  return { text: text.finish(), links: links.finish(), loads: loads.finish() }

  function readTag(start: number): number {
    const next = source.charAt(start + 1)
    if (next === '!' || next === '?') {
      const close = source.startsWith('<!--', start) ? '-->' : '>'
      return cut(start, after(source.indexOf(close, start + 2), close.length), '')
    }
    const isClosing = next === '/'
    let end = start + (isClosing ? 2 : 1)
    const nameStart = end
    while (end < source.length && end - nameStart < 32 && !NAME_END.test(source.charAt(end))) end++
    const name = lower.slice(nameStart, end)
    const attributes: Attribute[] = []
    end = readAttributes(end, attributes)
    if (!isClosing) for (const attribute of attributes) takeLink(name, attribute, attributes)
    if (!isClosing && OPAQUE.has(name)) end = after(lower.indexOf(`</${name}`, end), 0)
    return cut(start, end, BREAKS.has(name) ? '\n' : name === 'td' || name === 'th' ? ' ' : '')
  }

  function cut(from: number, to: number, by: string): number {
    text.replace(from, to, by)
    return to
  }

  /** Past something that was looked for, or the end where it is missing. */
  function after(found: number, length: number): number {
    return found < 0 ? source.length : found + length
  }

  function readAttributes(from: number, into: Attribute[]): number {
    let i = from
    while (i < source.length && source[i] !== '>') {
      if (/[\s/=]/.test(source.charAt(i))) {
        i++
        continue
      }
      const nameStart = i
      while (i < source.length && !/[\s=>/]/.test(source.charAt(i))) i++
      const name = lower.slice(nameStart, i)
      while (i < source.length && /\s/.test(source.charAt(i))) i++
      if (source[i] !== '=') continue
      i++
      while (i < source.length && /\s/.test(source.charAt(i))) i++
      const quote = source.charAt(i)
      const isQuoted = quote === '"' || quote === "'"
      const start = isQuoted ? i + 1 : i
      if (isQuoted) i = after(source.indexOf(quote, start), 0)
      else while (i < source.length && !/[\s>]/.test(source.charAt(i))) i++
      into.push({ name, start, end: i })
      if (isQuoted) i++
    }
    return Math.min(i + 1, source.length)
  }

  function takeLink(tag: string, attribute: Attribute, all: readonly Attribute[]): void {
    const { name, end } = attribute
    let { start } = attribute
    let kind = LINK_ATTRIBUTES[name]
    if (kind === 'load' && ACTIVE_LOADS.has(tag)) kind = 'link'
    if (tag === 'link' || tag === 'base') kind = kind === undefined ? undefined : 'load'
    if (tag === 'meta' && name === 'content' && all.some((other) => isRefresh(other))) {
      start += REFRESH.exec(source.slice(start, Math.min(end, start + 64)))?.[0].length ?? 0
      kind = 'link'
    }
    if (kind === undefined) return
    while (start < end && /\s/.test(source.charAt(start))) start++
    const value = source.slice(start, Math.min(end, start + 16))
    // Anchors, scripts, embedded data and relative paths lead nowhere outside; so do references to other parts.
    if (!/^(?:[a-z][a-z0-9+.-]*:|\/\/|&#)/i.test(value) || /^(?:javascript|data|cid|tel|sms|about):/i.test(value))
      return
    if (kind === 'link') linksDone = copy(links, linksDone, start, end)
    else loadsDone = copy(loads, loadsDone, start, end)
  }

  function isRefresh({ name, start, end }: Attribute): boolean {
    return name === 'http-equiv' && lower.slice(start, end) === 'refresh'
  }

  /** Keeps one attribute value, decoded as browsers do, on a line of its own. */
  function copy(editor: Editor, done: number, start: number, end: number): number {
    editor.replace(done, start, '\n')
    let i = start
    if (source.startsWith('//', i)) {
      editor.replace(i, i + 2, 'http://')
      i += 2
    }
    while (i < end) {
      const char = source.charAt(i)
      const reference = char === '&' ? referenceAt(source, i) : undefined
      const length = Math.min(reference?.length ?? 1, end - i)
      if (reference !== undefined) editor.replace(i, i + length, reference.text)
      // URL §4.4: tabs and newlines vanish, a blank is encoded.
      else if (/[\t\r\n]/.test(char)) editor.replace(i, i + 1, '')
      else if (char === ' ') editor.replace(i, i + 1, '%20')
      i += length
    }
    editor.replace(end, end, '\n')
    return end
  }
}
