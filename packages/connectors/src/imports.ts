import type { ImportInfo } from './import.ts'
import { COWRIE } from './imports/cowrie.ts'
import { CSV_IMPORT } from './imports/csv.ts'
import { EVE } from './imports/eve.ts'
import { FAIL2BAN } from './imports/fail2ban.ts'
import { JSON_IMPORT } from './imports/json.ts'
import { MAIL } from './imports/mail.ts'
import { MISP_EVENTS } from './imports/misp.ts'
import { ROCKET_CHAT } from './imports/rocket-chat.ts'
import { RSPAMD } from './imports/rspamd.ts'
import { STIX_BUNDLE } from './imports/stix.ts'
import { TEXT } from './imports/text.ts'

/** The one table of imports: CLI, HTTP, documents and tests are driven by it. In the order in which they are shown. */
export const IMPORTS: readonly ImportInfo[] = [
  TEXT,
  MAIL,
  ROCKET_CHAT,
  STIX_BUNDLE,
  MISP_EVENTS,
  COWRIE,
  FAIL2BAN,
  EVE,
  RSPAMD,
  JSON_IMPORT,
  CSV_IMPORT
]

/** The import of exactly this name. */
export function importNamed(name: string): ImportInfo | undefined {
  return IMPORTS.find((row) => row.name === name)
}
