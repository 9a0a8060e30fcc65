/** A chart as plain SVG text: ours beside each reference, and every curve on logarithmic axes. */
import { digits } from '../figures.ts'
import { type Curve, type Row, ratioOf } from '../work.ts'

const WIDTH = 960
const BAR = 22
const LEFT = 430
const [OURS, REFERENCE, MISSED, TEXT, FAINT] = ['#1f6f8b', '#c9b79c', '#b3392f', '#222222', '#bbbbbb']

export function chart(rows: readonly Row[], curves: readonly Curve[]): string {
  const compared = rows.filter(({ reference }) => reference !== undefined)
  const bars = compared.map((row, index) => bar(row, 60 + index * 2.6 * BAR))
  const below = 90 + compared.length * 2.6 * BAR
  const panels = curves.map((curve, index) => panel(curve, 40 + (index % 3) * 305, below + Math.floor(index / 3) * 230))
  const height = below + Math.ceil(curves.length / 3) * 230 + 20
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${Math.round(height)}" viewBox="0 0 ${WIDTH} ${Math.round(height)}" font-family="sans-serif" font-size="12">
<title>Tocsin and its references, measured</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="20" y="26" font-size="16" fill="${TEXT}">Tocsin (dark) and its references (light), each pair to its own scale; red misses its budget</text>
${[...bars, ...panels].join('\n')}
</svg>
`
}

function bar(row: Row, y: number): string {
  const { work, unit, ours, reference, budget } = row
  if (reference === undefined) return ''
  const longest = Math.max(ours.median, reference.value.median)
  const length = (value: number): number => Math.max(1, Math.round((value / longest) * 330))
  const line = (value: number, label: string, at: number, fill: string): string =>
    `<rect x="${LEFT}" y="${at}" width="${length(value)}" height="${BAR - 4}" fill="${fill}"/>` +
    `<text x="${LEFT + length(value) + 6}" y="${at + 13}" fill="${TEXT}">${escaped(label)}</text>`
  const name = `${reference.name}${reference.quoted === undefined ? '' : ' (not the same run)'}`
  return [
    `<text x="${LEFT - 10}" y="${y + 13}" text-anchor="end" fill="${TEXT}">${escaped(shortened(work))}</text>`,
    `<text x="${LEFT - 10}" y="${y + BAR + 13}" text-anchor="end" fill="#777777">${escaped(name)} · ${digits(ratioOf(row) ?? 0)} ×</text>`,
    line(ours.median, `${digits(ours.median)} ${unit}`, y, budget?.met === false ? MISSED : OURS),
    line(reference.value.median, `${digits(reference.value.median)} ${unit}`, y + BAR, REFERENCE)
  ].join('\n')
}

function panel({ title, x, unit, points, law }: Curve, left: number, top: number): string {
  const [width, height] = [240, 140]
  const scale = (values: readonly number[], size: number) => {
    const logs = values.map(Math.log)
    const [low, high] = [Math.min(...logs), Math.max(...logs)]
    return (value: number): number =>
      Math.round(high === low ? size / 2 : ((Math.log(value) - low) / (high - low)) * size)
  }
  const across = scale(
    points.map((point) => point.x),
    width
  )
  const up = scale(
    points.map((point) => point.y),
    height
  )
  const places = points.map((point) => ({ ...point, at: [left + across(point.x), top + 30 + height - up(point.y)] }))
  const dots = places.map(
    ({ y, at: [cx = 0, cy = 0] }) =>
      `<circle cx="${cx}" cy="${cy}" r="3" fill="${OURS}"/><text x="${cx}" y="${cy - 6}" text-anchor="middle" font-size="10" fill="${TEXT}">${digits(y)}</text>`
  )
  const ticks = places.map(
    ({ x, at: [cx = 0] }) =>
      `<text x="${cx}" y="${top + 30 + height + 16}" text-anchor="middle" font-size="10" fill="#777777">${x.toLocaleString('en-US')}</text>`
  )
  return [
    `<text x="${left}" y="${top}" fill="${TEXT}">${escaped(title)}, ${escaped(unit)}: ${escaped(x)}^${law.toFixed(2)}</text>`,
    `<path d="M${left} ${top + 30}V${top + 30 + height}H${left + width}" fill="none" stroke="${FAINT}"/>`,
    `<polyline points="${places.map(({ at }) => at.join(',')).join(' ')}" fill="none" stroke="${OURS}"/>`,
    ...dots,
    ...ticks
  ].join('\n')
}

const shortened = (text: string): string => (text.length > 66 ? `${text.slice(0, 65)}…` : text)

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
