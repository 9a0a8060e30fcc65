import type { ReceiptsView } from '@tocsin/api'
import { INSTITUTIONS } from '@tocsin/api/testing'
import { describe, expect, it } from 'vitest'
import { openDesk } from '../testing/desk.ts'

async function ours(desk: Awaited<ReturnType<typeof openDesk>>): Promise<string> {
  return desk.node.arrive({ title: 'ours' }, INSTITUTIONS.reims).id
}

describe('receipts', () => {
  it('shows who holds a bulletin of ours, since when and via whom, and who is missing and why', async () => {
    await using desk = await openDesk()
    const id = await ours(desk)
    const { out } = await desk.run(['receipts', id.slice(0, 8)])
    expect(out).toContain('Reached 2 of 3, median 1.2 s')
    expect(out).toMatch(/Valenciennes +\d{4}-\d\d-\d\d \d\d:\d\d +0\.4 s +Reims/)
    expect(out).toMatch(/Lorraine \(\?\) +\S+ \S+ +2\.0 s +Valenciennes/)
    expect(out).toMatch(/Missing +Reason\n.*\n?Toulouse +No receipt says so\. \(no-receipt\)/)
    expect(out).toMatch(/Unconfirmed +Reason/)
    expect((await desk.run(['--json', 'receipts', id])).json<ReceiptsView>()).toMatchObject({ mine: true, expected: 3 })
  })

  it('shows of a bulletin of somebody else only who holds it', async () => {
    await using desk = await openDesk()
    const { id } = desk.node.arrive({ title: 'theirs' })
    const { out } = await desk.run(['receipts', id])
    expect(out).toContain('Held by 2 that say so')
    expect(out).not.toContain('Via')
    expect(out).not.toContain('Missing')
  })
})

describe('trace', () => {
  it('draws the way of a bulletin of ours as a tree', async () => {
    await using desk = await openDesk()
    const { out } = await desk.run(['trace', await ours(desk)])
    expect(out).toContain('Reims\n└─ Valenciennes  0.4 s\n   └─ Lorraine (?)  2.0 s\n')
  })

  it('knows no way of a bulletin of somebody else', async () => {
    await using desk = await openDesk()
    const { id } = desk.node.arrive({ title: 'theirs' }, INSTITUTIONS.lorraine)
    const { out } = await desk.run(['trace', id])
    expect(out).toContain('only its author knows')
    expect(out).toContain('   Valenciennes  0.4 s')
    expect(out).toMatch(/Handed to us by Valenciennes on \d{4}-\d\d-\d\d \d\d:\d\d, which it signed/)
  })
})
