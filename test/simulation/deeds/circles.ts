/** What root keys sign about circles: who joins, leaves and is revoked, and one that says two things. */
import type { SignedRegister } from '@tocsin/journal'
import { DAY, party, statement } from '../parties.ts'
import type { Process } from '../sim-node.ts'
import type { Does, Stage } from './stage.ts'

export function circleDeeds({ world, judge, running, attempt }: Stage): Does<'join' | 'resign' | 'revoke' | 'double'> {
  function tell(process: Process, signed: SignedRegister): void {
    judge.signs(signed)
    attempt(process, process.replica.admitRegisters([signed.bytes], undefined))
  }

  return {
    join({ node, circle: index, vouchers, days }) {
      const circle = world.circles[index]
      const process = running(node)
      const plan = world.setup.circles[index]
      if (circle === undefined || process === undefined || plan === undefined) return false
      const number = world.now()
      const day = Math.floor(world.now() / DAY)
      for (const voucher of vouchers) if (voucher !== node) world.introduce(node, voucher)
      tell(process, statement.acceptance(process.node.party, circle, number))
      for (const voucher of vouchers) {
        const other = running(voucher)
        if (other === undefined || voucher === node) continue
        const signed = statement.vouch(other.node.party, process.node.party, circle, number, day + days)
        tell(other, signed)
      }
      return true
    },
    resign({ node, circle: index }) {
      const circle = world.circles[index]
      const process = running(node)
      if (circle === undefined || process === undefined) return false
      tell(process, statement.resignation(process.node.party, circle, world.now()))
      return true
    },
    revoke({ node, subject, circle: index, lifted }) {
      const circle = world.circles[index]
      const process = running(node)
      if (circle === undefined || process === undefined || node === subject) return false
      tell(process, statement.revocation(process.node.party, party(subject), circle, world.now(), lifted))
      return true
    },
    double({ node, subject, circle: index }) {
      const circle = world.circles[index]
      const process = running(node)
      const other = [...(process?.ends.values() ?? [])]
        .map((end) => running(end.other))
        .find((one) => one !== undefined)
      if (circle === undefined || process === undefined || other === undefined || node === subject) return false
      const number = world.now()
      const [one, two] = [false, true].map((lifted) =>
        statement.revocation(process.node.party, party(subject), circle, number, lifted)
      ) as [SignedRegister, SignedRegister]
      tell(process, one)
      judge.signs(two)
      attempt(other, other.replica.admitRegisters([two.bytes], process.node.party.id))
      return true
    }
  }
}
