import type { ImportInfo } from './import.ts'
import { ROCKET_CHAT } from './imports/rocket-chat.ts'
import { TEXT } from './imports/text.ts'

/** The one table of imports: CLI, HTTP, documents and tests are driven by it. In the order in which they are shown. */
export const IMPORTS: readonly ImportInfo[] = [TEXT, ROCKET_CHAT]

/** The import of exactly this name. */
export function importNamed(name: string): ImportInfo | undefined {
  return IMPORTS.find((row) => row.name === name)
}
