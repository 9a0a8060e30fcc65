import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cardBlocks } from './card-block.ts'
import { CliError } from './errors.ts'

const blockOf = (base64: string) =>
  ['-----BEGIN TOCSIN CARD-----', ...(base64.match(/.{1,64}/g) ?? []), '-----END TOCSIN CARD-----', ''].join('\n')
const CARD = blockOf(
  Buffer.from('a card that is long enough for several lines of sixty-four, and then some').toString('base64')
)
const OTHER = blockOf(Buffer.from('another card').toString('base64'))
const [FIRST = ''] = CARD.split('\n').slice(1)

describe('the card block of a mail', () => {
  it.each([
    ['alone', CARD],
    ['between a greeting and a signature', `Bonjour,\n\nvoici :\n\n${CARD}\n-- \nRSSI`],
    ['quoted', CARD.replace(/^/gm, '> ')],
    ['quoted twice, and then answered', `Merci !\n${CARD.replace(/^/gm, '> > ')}\nEn effet.`],
    ['indented', CARD.replace(/^/gm, '    ')],
    ['with bars', CARD.replace(/^/gm, '| ')],
    ['with CRLF and spaces', CARD.replaceAll('\n', '  \r\n')],
    ['with empty lines in between', CARD.replaceAll('\n', '\n\n')],
    ['wrapped at forty', CARD.replace(/(.{40})(?=[^-]*$)/gm, '$1\n')],
    ['wrapped within a quote', CARD.replace(FIRST, `${FIRST.slice(0, 50)}\n> ${FIRST.slice(50)}`).replace(/^/gm, '> ')],
    ['in quoted-printable', CARD.replace(/=/g, '=3D').replace(FIRST, `${FIRST.slice(0, 50)}=\n${FIRST.slice(50)}`)],
    ['twice, once quoted', `${CARD}\n${CARD.replace(/^/gm, '> ')}`],
    ['behind a block that was cut off', `-----BEGIN TOCSIN CARD-----\nAAAA\n\n${CARD}`]
  ])('is found %s', (_how, mail) => {
    expect(cardBlocks(mail)).toEqual([CARD])
  })

  it('is found beside ours that an answer quotes', () => {
    expect(cardBlocks(`${CARD}\n${OTHER.replace(/^/gm, '> ')}`)).toEqual([CARD, OTHER])
  })

  it.each([
    ['nothing', ''],
    ['a mail without one', 'Bonjour,\nma carte suit.'],
    ['no end', CARD.replace('-----END TOCSIN CARD-----', '')],
    ['no beginning', CARD.replace('-----BEGIN TOCSIN CARD-----', '')],
    ['more than a mail', 'x'.repeat((1 << 20) + 1)],
    ['a crowd', Array.from({ length: 17 }, (_, index) => blockOf(`AAA${index}`)).join('')]
  ])('is not found in %s', (_what, mail) => {
    expect(() => cardBlocks(mail)).toThrow(CliError)
  })

  it('is found whatever stands around it, and nothing but the block is', () => {
    const line = fc.string().filter((text) => !text.includes('TOCSIN CARD') && !/[\r\n]/.test(text))
    fc.assert(
      fc.property(
        fc.array(line),
        fc.array(line),
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        (before, after, bytes) => {
          const block = blockOf(Buffer.from(bytes).toString('base64'))
          expect(cardBlocks([...before, block, ...after].join('\n'))).toEqual([block])
        }
      )
    )
  })
})
