import type { EntryId, NodeKey } from '@tocsin/model'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, toHex, utf8 } from './bytes.ts'
import { type Card, CardSchema, currentNodeKeys, proveNodeKey, verifyCardProofs } from './card.ts'
import { cardText, parseCardText } from './card-text.ts'
import { eraseNowMessage, verifyEraseNow } from './erase.ts'
import { JournalError } from './errors.ts'
import { nodeKey } from './institution.ts'
import { openRegister, prepareRegister, signRegister } from './register.ts'
import { author, card, next, node, other, otherRoot, root } from './test-world.ts'

const first = card.nodeKeys[0] ?? { key: '' as NodeKey, from: 0, proof: '' }
const register = signRegister(prepareRegister({ kind: 'card', author, number: 1, value: card }), root)
const codeOf = (run: () => unknown): string => {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (error instanceof JournalError) return error.code
    throw error
  }
}
const seal = (change: Partial<Card>) => (): unknown =>
  signRegister(prepareRegister({ kind: 'card', author, number: 1, value: { ...card, ...change } }), root)

describe('cards', () => {
  it('carry the consent of each node key', () => {
    expect(() => verifyCardProofs(card, author)).not.toThrow()
    const unwilling = { ...first, proof: proveNodeKey(next, root.publicKey) }
    expect(codeOf(seal({ nodeKeys: [unwilling] }))).toBe('card-proof')
    // Consent to serve one institution is none to serve another.
    const theirs = { ...first, proof: proveNodeKey(node, otherRoot.publicKey) }
    expect(codeOf(seal({ nodeKeys: [theirs] }))).toBe('card-proof')
    expect(codeOf(() => verifyCardProofs(card, other))).toBe('card-proof')
  })

  it('name each key once, and never the root key as node key', () => {
    expect(codeOf(seal({ nodeKeys: [first, first] }))).toBe('card-keys')
    expect(codeOf(seal({ next: first.key }))).toBe('card-keys')
    const self = { key: nodeKey(root.publicKey), from: 0, proof: proveNodeKey(root, root.publicKey) }
    expect(codeOf(seal({ nodeKeys: [self] }))).toBe('card-keys')
    expect(codeOf(seal({ next: nodeKey(root.publicKey) }))).toBe('card-keys')
  })

  it.each<[string, Partial<Card>]>([
    ['a domain in capitals', { domains: ['Univ-Reims.fr'] }],
    ['a domain in Unicode', { domains: ['université.example'] }],
    ['a domain with a dot at the end', { domains: ['univ-reims.fr.'] }],
    ['one label', { domains: ['localhost'] }],
    ['a wildcard', { domains: ['*.univ-reims.fr'] }],
    ['a domain twice', { domains: ['univ-reims.fr', 'univ-reims.fr'] }],
    ['65 domains', { domains: Array.from({ length: 65 }, (_, index) => `d${index}.fr`) }],
    ['an address that is none', { addresses: ['127.0.0.1:4001'] }],
    ['an address with a space', { addresses: ['/ip4/1.2.3.4 /tcp/1'] }],
    ['no node key', { nodeKeys: [] }],
    ['a period that ends before it starts', { nodeKeys: [{ ...first, until: first.from }] }],
    ['a node key of small order', { nodeKeys: [{ ...first, key: `01${'00'.repeat(31)}` as NodeKey }] }],
    ['a next key that is no point', { next: `02${'00'.repeat(31)}` as NodeKey }],
    ['an escape sequence', { name: 'a\u001b[2J' }],
    ['a name of 101', { name: 'x'.repeat(101) }]
  ])('do not take %s', (_name, change) => {
    expect(codeOf(seal(change))).toBe('register-value')
    expect(CardSchema.safeParse({ ...card, ...change }).success).toBe(false)
  })

  it('know which node keys hold at a time: from ≤ at < until', () => {
    const { until: _, ...open } = { ...first, key: nodeKey(next.publicKey), from: 2000 }
    const two = { ...card, nodeKeys: [first, open] }
    const at = [999, 1000, 1999, 2000, 10 ** 12].map((time) => currentNodeKeys(two, time))
    expect(at).toEqual([[], [first.key], [first.key], [open.key], [open.key]])
  })
})

describe('card text', () => {
  const text = cardText(register.bytes)

  it('goes round for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (bytes) => {
        expect(toHex(parseCardText(cardText(bytes)))).toBe(toHex(bytes))
      })
    )
  })

  it('is one block of short lines', () => {
    const rows = text.trimEnd().split('\n')
    expect([rows[0], rows.at(-1)]).toEqual(['-----BEGIN TOCSIN CARD-----', '-----END TOCSIN CARD-----'])
    expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(64)
  })

  it.each([
    ['within a mail', `Bonjour,\n\nvoici notre carte :\n${text}\nCordialement`],
    ['quoted', text.replace(/^/gm, '> ')],
    ['with CRLF and spaces', text.replaceAll('\n', '  \r\n')],
    ['wrapped anew', text.replace(/(.{40})(?=[^-]*$)/gm, '$1\n')]
  ])('is read %s', (_name, given) => {
    expect(openRegister(parseCardText(given)).hash).toBe(register.hash)
  })

  const payload = text.split('\n').slice(1, -2).join('')
  const block = (base64: string): string => `-----BEGIN TOCSIN CARD-----\n${base64}\n-----END TOCSIN CARD-----\n`
  it.each([
    ['nothing', ''],
    ['no block', 'hello'],
    ['no end', text.replace('-----END TOCSIN CARD-----', '')],
    ['end before begin', text.split('\n').reverse().join('\n')],
    ['two blocks', text + text],
    ['an empty block', block('')],
    ['foreign characters', block(`${payload.slice(0, -4)}*${payload.slice(-4)}`)],
    ['base64url', block('_-_-')],
    ['spare bits', block('AB==')],
    ['missing padding', block('AAA')],
    ['a huge text', 'x'.repeat((1 << 20) + 1)]
  ])('is refused with %s', (_name, given) => {
    expect(codeOf(() => parseCardText(given))).toBe('card-text')
  })
})

describe('erase now', () => {
  const targets = ['11'.repeat(32), '22'.repeat(32)] as EntryId[]
  const proof = toHex(root.sign(eraseNowMessage(targets)))

  it('is signed by the root key over exactly these targets', () => {
    expect(eraseNowMessage(targets)).toEqual(
      concatBytes(utf8('tocsin/erase-now/1\0'), new Uint8Array(32).fill(0x11), new Uint8Array(32).fill(0x22))
    )
    expect(verifyEraseNow(author, targets, proof)).toBe(true)
    expect(verifyEraseNow(author, targets.slice(1), proof)).toBe(false)
    expect(verifyEraseNow(author, [...targets].reverse(), proof)).toBe(false)
    expect(verifyEraseNow(other, targets, proof)).toBe(false)
    expect(verifyEraseNow(author, targets, toHex(node.sign(eraseNowMessage(targets))))).toBe(false)
  })

  it.each(['', 'zz', proof.slice(2), proof.toUpperCase(), `${proof}\n`])('takes no %j', (given) => {
    expect(verifyEraseNow(author, targets, given)).toBe(false)
  })
})
