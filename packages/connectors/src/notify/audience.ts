import { type CircleId, isCircleId, PAPS, type Pap, TLPS, type Tlp, type Verdict } from '@tocsin/model'
import { ConnectorError, type NotifyCode } from '../errors.ts'

/**
 * Who reads a channel, as its operator declares it: exactly these labels may be told there. A channel for AMBER or
 * AMBER+STRICT is read by members of the named circles and nobody else.
 */
export interface ChannelAudience {
  readonly tlps: readonly Tlp[]
  readonly paps: readonly Pap[]
  readonly circles: readonly CircleId[]
}

/** The labels of a bulletin that a channel's audience is compared with. */
export interface Labelled {
  readonly tlp: Tlp
  readonly pap: Pap
  /** Of AMBER and AMBER+STRICT; the others have none. */
  readonly circle?: CircleId | undefined
}

const OF_A_CIRCLE: ReadonlySet<Tlp> = new Set(['AMBER', 'AMBER+STRICT'])

/** Throws `notify-audience-invalid` unless the declaration is whole: a slip of the operator must not widen it. */
export function checkAudience(audience: ChannelAudience): void {
  const { tlps, paps, circles } = audience
  const problem =
    tlps.length === 0 || !tlps.every((tlp) => TLPS.includes(tlp))
      ? 'it must name at least one TLP, and only known ones'
      : paps.length === 0 || !paps.every((pap) => PAPS.includes(pap))
        ? 'it must name at least one PAP, and only known ones'
        : tlps.includes('RED')
          ? 'TLP:RED is never told to a channel'
          : !circles.every(isCircleId)
            ? 'circles are named by id'
            : tlps.some((tlp) => OF_A_CIRCLE.has(tlp)) && circles.length === 0
              ? 'AMBER and AMBER+STRICT need the circle that reads the channel'
              : undefined
  if (problem !== undefined) throw new ConnectorError('notify-audience-invalid', `the declared audience: ${problem}`)
}

/** May this be told to a channel with this audience? */
export function mayTell(bulletin: Labelled, audience: ChannelAudience): Verdict<NotifyCode> {
  const { tlp, pap, circle } = bulletin
  if (tlp === 'RED') return refused('notify-red')
  if (!TLPS.includes(tlp) || !PAPS.includes(pap)) return refused('notify-label-unknown')
  // A circle belongs to AMBER and AMBER+STRICT and to nothing else (DESIGN §5).
  if (OF_A_CIRCLE.has(tlp) !== (circle !== undefined)) return refused('notify-label-unknown')
  if (!audience.tlps.includes(tlp)) return refused('notify-tlp-not-declared')
  if (!audience.paps.includes(pap)) return refused('notify-pap-not-declared')
  if (circle !== undefined && !audience.circles.includes(circle)) return refused('notify-circle-not-declared')
  return { allowed: true }
}

function refused(code: NotifyCode): Verdict<NotifyCode> {
  return { allowed: false, code }
}
