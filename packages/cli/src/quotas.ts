/** Quotas of a charter as they are given and shown. */
import { DEFAULT_QUOTAS, type QuotaName, type Quotas, QuotasSchema } from '@tocsin/model'
import { InvalidArgumentError } from 'commander'

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }
const NAMES = Object.keys(DEFAULT_QUOTAS) as QuotaName[]
/** Those that a newcomer has whole: both protect the others. */
const NOT_TIGHTER: readonly QuotaName[] = ['openVouches', 'retractionsADay']

/** `NAME=N`, repeated; N may end in KiB, MiB or GiB. */
export function quotaOption(text: string, previous: Quotas = {}): Quotas {
  const [, name = '', digits = '', unit = ''] = /^([A-Za-z]+)=(\d{1,15})(|KiB|MiB|GiB)$/.exec(text) ?? []
  const read = QuotasSchema.safeParse({ [name]: digits === '' ? Number.NaN : Number(digits) * (UNITS[unit] ?? 1) })
  if (!read.success) throw new InvalidArgumentError(`${NAMES.join('=N, ')}=N?`)
  return { ...previous, ...read.data }
}

/** Rows of name, what a member has, and what a newcomer has. */
export function quotaRows(quotas: Readonly<Required<Quotas>>): [string, string, string][] {
  return NAMES.filter((name) => name !== 'newcomerDays' && name !== 'newcomerPercent').map((name) => {
    const whole = quotas[name]
    const part = NOT_TIGHTER.includes(name) ? whole : Math.floor((whole * quotas.newcomerPercent) / 100)
    // A session needs a megabyte, whoever it is with.
    const least = name === 'pendingBytes' ? 2 ** 20 : 1
    return [name, shown(name, whole), shown(name, Math.max(least, part))]
  })
}

function shown(name: QuotaName, count: number): string {
  if (!/bytes/i.test(name)) return String(count)
  const unit = ['GiB', 'MiB', 'KiB'].find((one) => count % (UNITS[one] ?? 1) === 0)
  return unit === undefined ? String(count) : `${count / (UNITS[unit] ?? 1)} ${unit}`
}
