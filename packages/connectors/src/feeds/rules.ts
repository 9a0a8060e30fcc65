/** Rules that bulletins carry, as their authors wrote them: for whoever runs them, never for what blocks. */
import type { FeedInfo } from '../feed.ts'
import { ruleFeed } from '../rules/carried.ts'
import { readSigma } from '../rules/sigma.ts'
import { readSuricata } from '../rules/suricata.ts'
import { readYara, YARA_IMPORTS } from '../rules/yara.ts'

const HEAD = 'Tocsin: made by a machine, edits are lost'
const MIB = 1024 * 1024

/** One YAML document a rule. */
export const SIGMA: FeedInfo = ruleFeed({
  name: 'sigma',
  rules: 'sigma',
  title: { en: 'Sigma rules of bulletins', fr: 'Règles Sigma des signalements' },
  mediaType: 'application/yaml',
  extension: 'yml',
  use: 'detect',
  limit: 10_000,
  limitBytes: 32 * MIB,
  comment: '# ',
  head: HEAD,
  read: readSigma
})

export const YARA_RULES: FeedInfo = ruleFeed({
  name: 'yara',
  rules: 'yara',
  title: { en: 'YARA rules of bulletins', fr: 'Règles YARA des signalements' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'yar',
  use: 'detect',
  limit: 10_000,
  limitBytes: 32 * MIB,
  comment: '// ',
  head: `${HEAD}\n${YARA_IMPORTS.map((module) => `import "${module}"`).join('\n')}`,
  read: readYara
})

export const SURICATA_CARRIED: FeedInfo = ruleFeed({
  name: 'suricata',
  rules: 'suricata',
  title: { en: 'Suricata rules of bulletins', fr: 'Règles Suricata des signalements' },
  mediaType: 'text/plain; charset=utf-8',
  extension: 'rules',
  use: 'detect',
  limit: 10_000,
  limitBytes: 32 * MIB,
  comment: '# ',
  head: HEAD,
  read: readSuricata
})
