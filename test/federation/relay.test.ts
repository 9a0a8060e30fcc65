import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCardText } from '@tocsin/journal'
import { verifyEvidence } from '@tocsin/trust'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DishonestNode, startDishonest } from '../harness/dishonest.ts'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { arrives, holds, publish } from '../harness/line.ts'
import { temporaryFolder, tocsin, until } from '../harness/process.ts'

interface EvidenceItem {
  readonly kind: string
  readonly code: string
  readonly accused: { readonly id: string; readonly name: string }
  readonly bundle: string
}

describe('a relay that forwards AMBER+STRICT and RED', () => {
  let federation: Federation
  let reims: Institution
  let relay: Institution
  let toulouse: Institution
  let dishonest: DishonestNode | undefined

  beforeAll(async () => {
    federation = await createFederation()
    ;[reims, relay, toulouse] = await Promise.all([
      federation.institution('Reims', 'univ-reims.fr'),
      federation.institution('Valenciennes', 'uphf.fr'),
      federation.institution('Toulouse', 'ut-capitole.fr')
    ])
    await federation.link(reims, relay)
    await federation.link(relay, toulouse)
    await federation.circle('esr-fr', 2, [reims, relay, toulouse])
    await relay.stop()
    dishonest = await startDishonest(relay)
  })

  afterAll(async () => {
    await dishonest?.stop()
    await federation?.end()
  })

  async function evidence(): Promise<readonly EvidenceItem[]> {
    return (await toulouse.call<{ items: readonly EvidenceItem[] }>('GET', '/v1/evidence')).items
  }

  it('is refused by the receiver, and leaves evidence that names it and holds offline', async () => {
    const strict = await publish(reims, { tlp: 'AMBER+STRICT', title: 'for neighbours alone' })
    const red = await publish(reims, { to: ['Valenciennes'], title: 'for one alone' })
    await until(
      'the relay holds both',
      () =>
        [...(dishonest?.replica.streams.all() ?? [])].filter(({ descriptor }) => descriptor.author === reims.id)
          .length === 2
    )
    const honest = await publish(reims, { tlp: 'AMBER', title: 'for the circle' })
    await arrives(toulouse, honest)
    expect(await evidence()).toEqual([])

    for (const [index, tlp] of (['AMBER+STRICT', 'RED'] as const).entries()) {
      dishonest?.misbehave([tlp])
      await until(`the offence with ${tlp} is on record`, async () => (await evidence()).length > index)
    }
    const kept = await evidence()
    expect(kept.map(({ code }) => code).sort()).toEqual(['red-relayed', 'strict-relayed'])
    for (const { kind, accused, bundle } of kept) {
      expect(kind).toBe('misforward')
      expect(accused.id).toBe(relay.id)
      expect(verifyEvidence(new Uint8Array(Buffer.from(bundle, 'base64')), parseCardText(relay.card))).toMatchObject({
        ok: true
      })
      // Nobody else's card makes it hold.
      expect(verifyEvidence(new Uint8Array(Buffer.from(bundle, 'base64')), parseCardText(reims.card))).toMatchObject({
        ok: false
      })
    }
    for (const id of [strict, red]) expect(await holds(toulouse, id)).toBe(false)
    const { counters } = await toulouse.call<{ counters: Record<string, number> }>('GET', '/v1/status')
    expect((counters['admit:strict-relayed'] ?? 0) + (counters['admit:red-relayed'] ?? 0)).toBeGreaterThanOrEqual(2)

    // The session ended with the rule's code; once the relay keeps the rules again, all goes on.
    dishonest?.misbehave([])
    const later = await publish(reims, { tlp: 'AMBER', title: 'afterwards' })
    await arrives(toulouse, later)
    for (const id of [strict, red]) expect(await holds(toulouse, id)).toBe(false)
    expect(await evidence()).toHaveLength(2)
  })

  // Eleven commands, each a process.
  it('can be accused before anybody: the command exports evidence that a stranger verifies without a node', {
    timeout: 120_000
  }, async () => {
    const list = await tocsin(['evidence', 'list'], { home: toulouse.home })
    expect(list.stdout).toMatch(/Valenciennes.*handed on beyond the audience.*red-relayed/)
    const folder = await temporaryFolder()
    try {
      const nowhere = join(folder.dir, 'no-home')
      for (const { id, code } of (await evidence()) as readonly (EvidenceItem & { readonly id: string })[]) {
        const file = join(folder.dir, `${code}.json`)
        expect(
          await tocsin(['evidence', 'export', id.slice(0, 12), '--to', file], { home: toulouse.home })
        ).toMatchObject({
          code: 0
        })
        const verified = await tocsin(['--json', 'evidence', 'verify', file], { home: nowhere })
        expect(verified.code).toBe(0)
        expect(JSON.parse(verified.stdout)).toMatchObject({
          kind: 'misforward',
          code,
          accused: relay.id,
          claimedName: 'Valenciennes',
          doubtful: false
        })
        // One flipped bit anywhere in it, or another institution's card, and it shows nothing.
        const document = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
        const bytes = Buffer.from(document.evidence ?? '', 'base64')
        bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1
        const cards = { ...document, card: Buffer.from(parseCardText(reims.card)).toString('base64') }
        for (const changed of [{ ...document, evidence: bytes.toString('base64') }, cards]) {
          await writeFile(file, JSON.stringify(changed))
          const refuted = await tocsin(['evidence', 'verify', file], { home: nowhere })
          expect(refuted).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('(evidence-refuted)') })
        }
      }
      await writeFile(join(folder.dir, 'other'), '{"format":"tocsin-evidence","version":2}')
      expect(await tocsin(['evidence', 'verify', join(folder.dir, 'other')])).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('(evidence-file-unreadable)')
      })
      expect(await tocsin(['evidence', 'export', 'ffffffffffff'], { home: toulouse.home })).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('(no-such-evidence)')
      })
    } finally {
      await folder.remove()
    }
  })
})
