import { describe, expect, it } from 'vitest'
import { item, written } from '../items.fixture.ts'
import { LIST } from './list.ts'

const TRACE =
  '# bulletin 0b9f3c1e-8f0a-4d57-9b6e-0c6a5f2d7a11 author did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH TLP:AMBER PAP:GREEN threat phishing confidence 80 name Université de Reims\n'

describe('list', () => {
  it('has one value a line under the bulletin it comes from, said once for neighbours', async () => {
    const items = [item('domain', 'evil.example'), item('ipv4', '192.0.2.7'), item('ipv4', '192.0.2.7')]
    expect((await written(LIST, items)).text).toBe(`${TRACE}192.0.2.7\nevil.example\n`)
  })

  it('has the trace behind each value, or none', async () => {
    const items = [item('ipv4', '192.0.2.7'), item('ipv4', '192.0.2.8')]
    expect((await written(LIST, items, { comments: 'none' })).text).toBe('192.0.2.7\n192.0.2.8\n')
    expect((await written(LIST, items, { comments: 'trailing' })).text).toBe(
      ['192.0.2.7', '192.0.2.8'].map((ip) => `${ip} # bulletin ${items[0]?.bulletin.id} TLP:AMBER\n`).join('')
    )
  })

  it('traces a value of many bulletins to all, in bounds', async () => {
    const ids = Array.from({ length: 11 }, (_, i) => `0b9f3c1e-8f0a-4d57-9b6e-0000000000${10 + i}`)
    const { text } = await written(
      LIST,
      ids.map((id) => item('ipv4', '192.0.2.7', { id }))
    )
    expect(text.split('\n').filter((line) => line.startsWith('# bulletin'))).toHaveLength(8)
    expect(text).toContain('# and 3 more bulletins\n192.0.2.7\n')
  })

  it('never lets a peer’s name become a line', async () => {
    const authorName = 'Reims\n203.0.113.99\r\u2028evil.example # "x'
    const { text } = await written(LIST, [item('ipv4', '192.0.2.7', { authorName })])
    expect(text.split('\n').filter((line) => !line.startsWith('#'))).toEqual(['192.0.2.7', ''])
    expect(text).toContain('name Reims 203.0.113.99 evil.example ’ ’x\n')
  })

  it('refuses values that a reader of lines would misread, and counts them', async () => {
    const odd = ['#top.exe', 'a\nb', 'x #y', ' lead', 'rlo\u202egpj']
    const items = odd.map((value) => item('filename', value, { pap: 'CLEAR' }))
    const { text, refused } = await written(LIST, [...items, item('filename', 'a b.exe')])
    expect(text.endsWith('\na b.exe\n')).toBe(true)
    expect(refused.sort()).toEqual(odd.map((value) => `value-unsafe ${value}`).sort())
    expect((await written(LIST, [item('filename', 'a b.exe')], { comments: 'trailing' })).text).toBe('')
  })

  it('is empty for nothing', async () => {
    expect((await written(LIST, [])).text).toBe('')
  })
})
