import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imported } from '../imports.fixture.ts'
import { FAIL2BAN } from './fail2ban.ts'

const valuesOf = ({ drafts }: Awaited<ReturnType<typeof imported>>) =>
  drafts.map(({ key, draft }) => [key, draft.indicators.map(({ value }) => value)])

const LOG = `2026-11-30 09:58:01,001 fail2ban.server         [612]: INFO    Starting Fail2ban v1.0.2
2026-11-30 10:02:10,900 fail2ban.filter         [612]: INFO    [sshd] Found 203.0.113.4 - 2026-11-30 10:02:10
2026-11-30 10:02:11,123 fail2ban.actions        [612]: NOTICE  [sshd] Ban 203.0.113.4
2026-11-30 10:02:12,123 fail2ban.actions        [612]: NOTICE  [sshd] Restore Ban 2001:db8:1::7
2026-11-30 10:02:13,123 fail2ban.actions        [612]: WARNING [sshd] 203.0.113.4 already banned
2026-11-30 10:12:11,123 fail2ban.actions        [612]: NOTICE  [sshd] Unban 203.0.113.4
2026-11-30 10:13:00,000 fail2ban.actions        [612]: NOTICE  [nginx-http-auth] Ban 198.51.100.9
2026-12-01 00:01:00,000 fail2ban.actions        [612]: NOTICE  [sshd] Ban 203.0.113.5
`

describe('fail2ban', () => {
  it('reads bans of its log, one draft a day and jail', async () => {
    const all = await imported(FAIL2BAN, LOG)
    expect(all.refused).toEqual([])
    expect(valuesOf(all)).toEqual([
      ['fail2ban:test/2026-11-30/sshd/brute-force', ['203.0.113.4', '2001:db8:1::7']],
      ['fail2ban:test/2026-11-30/nginx-http-auth/brute-force', ['198.51.100.9']],
      ['fail2ban:test/2026-12-01/sshd/brute-force', ['203.0.113.5']]
    ])
    // Its times are of a clock without a zone.
    expect(JSON.stringify(all.drafts)).not.toContain('Seen')
  })

  it('reads syslog, with and without a year', async () => {
    const syslog = `Nov 30 10:02:11 mail fail2ban.actions[612]: NOTICE [sshd] Ban 203.0.113.4
Dec 24 10:02:11 mail fail2ban.actions[612]: NOTICE [sshd] Ban 203.0.113.5
2026-11-29T10:02:11.123456+01:00 mail fail2ban.actions[612]: NOTICE [postfix-sasl] Ban 203.0.113.6
`
    expect(valuesOf(await imported(FAIL2BAN, syslog)).map(([key]) => key)).toEqual([
      'fail2ban:test/2026-11-30/sshd/brute-force',
      'fail2ban:test/2025-12-24/sshd/brute-force',
      'fail2ban:test/2026-11-29/postfix-sasl/brute-force'
    ])
  })

  it('reads what fail2ban-client prints', async () => {
    const status = `Status for the jail: sshd
|- Filter
|  |- Currently failed:\t3
|  |- Total failed:\t120
|  \`- File list:\t/var/log/auth.log
\`- Actions
   |- Currently banned:\t2
   |- Total banned:\t10
   \`- Banned IP list:\t203.0.113.4 198.51.100.7
`
    const all = await imported(FAIL2BAN, status)
    expect(all.refused).toEqual([])
    expect(valuesOf(all)).toEqual([['fail2ban:test/2026-11-30/sshd/brute-force', ['203.0.113.4', '198.51.100.7']]])
    const banned = await imported(FAIL2BAN, "[{'sshd': ['203.0.113.4', '2001:db8:1::7']}, {'nginx': []}]\n")
    expect(valuesOf(banned)).toEqual([['fail2ban:test/2026-11-30/sshd/brute-force', ['203.0.113.4', '2001:db8:1::7']]])
    const timed = await imported(FAIL2BAN, '203.0.113.4 \t2026-11-30 10:02:11 + 600 = 2026-11-30 10:12:11\n')
    expect(valuesOf(timed)).toEqual([['fail2ban:test/2026-11-30/all/brute-force', ['203.0.113.4']]])
    const plain = await imported(FAIL2BAN, '203.0.113.4 198.51.100.7\n203.0.113.0/28\n', {
      labels: { tlp: 'GREEN', pap: 'GREEN', threat: 'scan' }
    })
    expect(plain.drafts[0]?.draft).toMatchObject({ threat: 'scan' })
    expect(plain.drafts[0]?.draft.indicators.map(({ type }) => type)).toEqual(['ipv4', 'ipv4', 'cidr'])
  })

  it('leaves our own addresses out, and refuses what is none by its line', async () => {
    const source = `${LOG}2026-11-30 10:14:00,000 fail2ban.actions [612]: NOTICE  [sshd] Ban 10.1.2.3
2026-11-30 10:14:00,000 fail2ban.actions [612]: NOTICE  [sshd] Ban host.example
this is no log
`
    const { drafts, refused } = await imported(FAIL2BAN, source)
    expect(JSON.stringify(drafts[0]?.draft)).not.toContain('10.1.2.3')
    expect(drafts[0]?.warnings).toMatchObject([{ code: 'left-out', place: { line: 9 } }])
    expect(refused[0]).toMatchObject({ code: 'record-invalid', place: { line: 10 } })
    expect(refused.slice(1).every(({ place }) => place.line === 11)).toBe(true)
    expect(drafts.length).toBe(3)
  })

  it('stands whatever a log line holds, in time that grows with its length alone', async () => {
    const piece = fc.constantFrom(
      'fail2ban.actions',
      '[sshd]',
      'Ban ',
      "[{'",
      "': [",
      '|- ',
      '\u202e',
      '\u0000',
      ' ',
      '2026-11-30 '
    )
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''))
    )
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (hostile) => {
        const { drafts } = await imported(FAIL2BAN, `${hostile.join('\n')}\n${LOG}`)
        expect(drafts.flatMap(({ draft }) => draft.indicators.map(({ value }) => value))).toContain('203.0.113.5')
      }),
      { numRuns: 200 }
    )
    const started = performance.now()
    for (const hostile of ["[{'a': [", 'fail2ban.actions ', '[sshd] Ban ', ' ', '|- ']) {
      await imported(FAIL2BAN, `${hostile.repeat(Math.floor(60_000 / hostile.length))}\n`)
    }
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
