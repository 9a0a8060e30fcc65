/** May this indicator be handed to a tool for this use, at this moment? Asked by everything that hands any out. */
import { createSafetyCatch, type Indicator, type NeverBlock, type SafetyCatch, type Use } from '@tocsin/model'
import type { HeldBulletin, IndicatorFacts } from '@tocsin/replica'
import type { Exception, Exceptions } from './exceptions.ts'
import { memberDomains } from './names.ts'
import type { ViewDeps } from './views.ts'

export interface UseRuleDeps extends ViewDeps {
  readonly exceptions: Exceptions
  readonly neverBlock: NeverBlock
}

/** The rules for one use as they stand when they are made: exceptions and members change. */
export interface UseRules {
  readonly use: Use
  readonly guard: SafetyCatch
  readonly excepted: (indicator: Indicator) => boolean
  /** ms: when the first exception that holds it back was made. */
  readonly exceptedAt: (indicator: Indicator) => number | undefined
}

export function createUseRules(deps: UseRuleDeps): { now(use: Use): UseRules } {
  const { replica } = deps

  function safetyCatch(): SafetyCatch {
    return createSafetyCatch({
      neverBlock: deps.neverBlock,
      exceptions: deps.exceptions.current(),
      memberDomains: memberDomains(replica).map(({ domain }) => domain),
      now: replica.world.now
    })
  }

  /** An exception means every use that acts on a value: what is only searched for is found all the same. */
  function exceptionsFor(use: Use): (indicator: Indicator) => boolean {
    if (use === 'hunt') return () => false
    const exceptions = deps.exceptions.current()
    if (exceptions.length === 0) return () => false
    return heldBackBy(exceptions)
  }

  function heldBackBy(exceptions: readonly Exception[]): (indicator: Indicator) => boolean {
    const values = new Set(exceptions.map(({ type, value }) => `${type} ${value}`))
    const nothing = { domains: [], ranges: [], tenants: [], mailboxes: [], pages: [], hashes: [] }
    const now = replica.world.now
    const guard = createSafetyCatch({ neverBlock: nothing, exceptions, memberDomains: [], now })
    return (indicator) => {
      if (values.has(`${indicator.type} ${indicator.value}`)) return true
      const verdict = guard.mayBlock({ ...indicator, role: 'malicious' }, { publishedAt: now() })
      return !verdict.allowed && verdict.code === 'local-exception'
    }
  }

  function exceptedAt(): (indicator: Indicator) => number | undefined {
    const each = [...deps.exceptions.current()]
      .sort((a, b) => a.createdAt - b.createdAt)
      .map((exception) => ({ at: exception.createdAt, holdsBack: heldBackBy([exception]) }))
    return (indicator) => each.find(({ holdsBack }) => holdsBack(indicator))?.at
  }

  return {
    now: (use) => {
      let at: ReturnType<typeof exceptedAt> | undefined
      return {
        use,
        guard: safetyCatch(),
        excepted: exceptionsFor(use),
        exceptedAt: (indicator) => {
          at ??= exceptedAt()
          return at(indicator)
        }
      }
    }
  }
}

/** The code of what keeps an indicator of a bulletin out; undefined if it may be handed out. */
export function refusalOf(
  { use, guard, excepted }: UseRules,
  indicator: Indicator,
  held: HeldBulletin,
  facts: IndicatorFacts
): string | undefined {
  if (held.state !== 'live') return held.state === 'overdue' ? 'expired' : 'retracted'
  if (use === 'block') return blocked(guard, indicator, held, facts)
  if (facts.state !== 'live') return facts.state
  return excepted(indicator) ? 'local-exception' : undefined
}

function blocked(
  guard: SafetyCatch,
  indicator: Indicator,
  held: HeldBulletin,
  facts: IndicatorFacts
): string | undefined {
  const verdict = guard.mayBlock(indicator, {
    publishedAt: held.row.clock,
    disabled: facts.disabled,
    contested: facts.contested,
    ...(facts.renewedAt === undefined ? {} : { renewedAt: facts.renewedAt })
  })
  return verdict.allowed ? undefined : verdict.code
}
