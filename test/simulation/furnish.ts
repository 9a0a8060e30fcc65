/** What a node has when the world begins: its card, its peers, and the circles that it belongs to. */
import type { SignedRegister } from '@tocsin/journal'
import { keys, writeRow } from '@tocsin/store'
import { type CircleMade, DAY, party, START, statement } from './parties.ts'
import type { CirclePlan } from './plan.ts'
import { createChance } from './random.ts'
import type { SimNode } from './sim-node.ts'
import type { World } from './world.ts'

/** Onto its disk, before its first process starts. */
export function furnish(world: World, node: SimNode): void {
  const rows: { type: 'put'; key: Uint8Array; value: Uint8Array }[] = []
  const put = (key: Uint8Array, value: Uint8Array): void => {
    rows.push({ type: 'put', key, value })
  }
  const cards = new Set([node.index])
  for (const { a, b } of world.edges.values()) {
    if (a !== node.index && b !== node.index) continue
    const peer = a === node.index ? b : a
    cards.add(peer)
    const { id } = party(peer)
    put(keys.local('peer', id), writeRow({ institution: id, addedAt: START - DAY }))
  }
  for (const [index, plan] of world.setup.circles.entries()) {
    if (!plan.members.includes(node.index)) continue
    for (const { address, bytes } of membership(world, index, plan)) put(keys.register(address), bytes)
    for (const member of plan.members) cards.add(member)
  }
  for (const index of cards) {
    const { card } = party(index)
    put(keys.register(card.address), card.bytes)
  }
  const database = node.disk.mount()
  void database.open()
  void database.batch(rows)
  void database.close()
}

const memberships = new WeakMap<CircleMade, readonly SignedRegister[]>()

/** Charter, acceptances and vouches with which a circle begins. */
export function membership(world: World, index: number, plan: CirclePlan): readonly SignedRegister[] {
  const circle = world.circles[index]
  if (circle === undefined) return []
  const known = memberships.get(circle)
  if (known !== undefined) return known
  const { members, founders, threshold } = plan
  const chance = createChance(`${world.setup.seed} membership ${index}`)
  const day = Math.floor(START / DAY)
  const made = [circle.register, ...members.map((one) => statement.acceptance(party(one), circle, START - DAY))]
  for (const one of members) {
    if (founders.includes(one)) continue
    const count = threshold + (chance.odds(0.5) ? 1 : 0)
    // Of one member 32 open vouches count: in a large circle the founders share the newcomers among them.
    const turned = members.length - founders.length > 32 ? one % founders.length : 0
    const vouchers = [...founders.slice(turned), ...founders.slice(0, turned)].slice(0, count)
    for (const voucher of vouchers)
      made.push(statement.vouch(party(voucher), party(one), circle, START - DAY, day + 3 + chance.below(120)))
  }
  memberships.set(circle, made)
  return made
}
