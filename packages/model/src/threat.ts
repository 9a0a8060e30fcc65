/** The threat classes that the community shares by, in the order in which an officer is offered them. */
export const THREATS = [
  'scan',
  'brute-force',
  'phishing',
  'phished-account-use',
  'account-compromise',
  'infostealer',
  'dropper',
  'malware',
  'c2',
  'spam',
  'vulnerability-exploitation',
  'ddos',
  'fraud',
  'other'
] as const

/** One threat class. */
export type Threat = (typeof THREATS)[number]

/** How a threat class is shown, and where it stands in the Reference Security Incident Taxonomy. */
export interface ThreatInfo {
  readonly en: string
  readonly fr: string
  /** `class:type` of RSIT v1003 (ENISA). */
  readonly rsit: string
}

/** One row per class. RSIT has no finer word for some of them: the nearest type that loses nothing false is taken. */
export const THREAT_INFO: Readonly<Record<Threat, ThreatInfo>> = {
  scan: { en: 'Scan', fr: 'Scan', rsit: 'information-gathering:scanner' },
  'brute-force': { en: 'Brute force', fr: 'Force brute', rsit: 'intrusion-attempts:brute-force' },
  phishing: { en: 'Phishing', fr: 'Hameçonnage', rsit: 'fraud:phishing' },
  'phished-account-use': {
    en: 'Use of a phished account',
    fr: "Utilisation d'un compte hameçonné",
    rsit: 'intrusions:unprivileged-account-compromise'
  },
  'account-compromise': {
    en: 'Account compromise',
    fr: 'Compromission de compte',
    rsit: 'intrusions:unprivileged-account-compromise'
  },
  infostealer: { en: 'Infostealer', fr: "Voleur d'informations", rsit: 'malicious-code:infected-system' },
  dropper: { en: 'Dropper', fr: 'Injecteur', rsit: 'malicious-code:malware-distribution' },
  malware: { en: 'Malware', fr: 'Logiciel malveillant', rsit: 'malicious-code:infected-system' },
  c2: { en: 'Command and control', fr: 'Commande et contrôle', rsit: 'malicious-code:c2-server' },
  spam: { en: 'Spam', fr: 'Pourriel', rsit: 'abusive-content:spam' },
  'vulnerability-exploitation': {
    en: 'Vulnerability exploitation',
    fr: 'Exploitation de vulnérabilité',
    rsit: 'intrusion-attempts:ids-alert'
  },
  ddos: { en: 'Denial of service', fr: 'Déni de service', rsit: 'availability:ddos' },
  fraud: { en: 'Fraud', fr: 'Fraude', rsit: 'fraud:masquerade' },
  other: { en: 'Other', fr: 'Autre', rsit: 'other:other' }
}

/** Letters and digits alone, without accents, so that 'Brute Force', 'brute_force' and 'brute-force' are one. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '')
}

const BY_NAME: ReadonlyMap<string, Threat> = new Map<string, Threat>([
  ...THREATS.flatMap((threat) => {
    const { en, fr } = THREAT_INFO[threat]
    return [threat, en, fr].map((name): [string, Threat] => [plain(name), threat])
  }),
  ...Object.entries({
    bruteforce: 'brute-force',
    phish: 'phishing',
    virus: 'malware',
    stealer: 'infostealer',
    commandandcontrol: 'c2',
    cc: 'c2',
    dos: 'ddos',
    exploit: 'vulnerability-exploitation',
    exploitation: 'vulnerability-exploitation'
  } satisfies Record<string, Threat>)
])

/** Reads a class by its name, its English or French title or a usual synonym; unknown is undefined, never `other`. */
export function parseThreat(text: string): Threat | undefined {
  return text.length > 100 ? undefined : BY_NAME.get(plain(text))
}
