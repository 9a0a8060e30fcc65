import { describe, expect, it } from 'vitest'
import { parseThreat, THREAT_INFO, THREATS } from './threat.ts'

// RSIT v1003, machine names: class → types.
const RSIT: Readonly<Record<string, readonly string[]>> = {
  'abusive-content': ['spam', 'harmful-speech', 'violence'],
  'malicious-code': ['infected-system', 'c2-server', 'malware-distribution', 'malware-configuration'],
  'information-gathering': ['scanner', 'sniffing', 'social-engineering'],
  'intrusion-attempts': ['ids-alert', 'brute-force', 'exploit'],
  intrusions: [
    'privileged-account-compromise',
    'unprivileged-account-compromise',
    'application-compromise',
    'system-compromise',
    'burglary'
  ],
  availability: ['dos', 'ddos', 'misconfiguration', 'sabotage', 'outage'],
  fraud: ['unauthorised-use-of-resources', 'copyright', 'masquerade', 'phishing'],
  other: ['other', 'undetermined']
}

describe('threat classes', () => {
  it.each(THREATS)('%s has titles and a place in RSIT', (threat) => {
    const { en, fr, rsit } = THREAT_INFO[threat]
    expect(en).not.toBe('')
    expect(fr).not.toBe('')
    const [group = '', type] = rsit.split(':')
    expect(RSIT[group]).toContain(type)
  })

  it('maps the classes that FORMATS names', () => {
    expect(THREAT_INFO.phishing.rsit).toBe('fraud:phishing')
    expect(THREAT_INFO.c2.rsit).toBe('malicious-code:c2-server')
    expect(THREAT_INFO.spam.rsit).toBe('abusive-content:spam')
  })

  it.each([
    ['phishing', 'phishing'],
    ['Hameçonnage', 'phishing'],
    ['BRUTE_FORCE', 'brute-force'],
    ['Force brute', 'brute-force'],
    ['virus', 'malware'],
    ['Déni de service', 'ddos'],
    ['C&C', 'c2']
  ])('reads %j as %s', (text, threat) => {
    expect(parseThreat(text)).toBe(threat)
  })

  it.each(['', '   ', 'phishing!!1', 'otherwise', 'constructor', 'x'.repeat(101)])('does not guess %j', (text) => {
    expect(parseThreat(text)).toBeUndefined()
  })

  it('has no two classes under one spoken name', () => {
    for (const threat of THREATS) {
      for (const name of [threat, THREAT_INFO[threat].en, THREAT_INFO[threat].fr])
        expect(parseThreat(name)).toBe(threat)
    }
  })
})
