/** `tocsin hunt` without the node: reads values, one `type value` a line, makes the index and searches one log. */
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createIndexBuilder, createScanner, type HuntedType, indicatorAt, openLog, searchLog } from '@tocsin/hunt'

const [values = '', path = ''] = process.argv.slice(2)

const builder = createIndexBuilder()
for await (const line of createInterface({ input: createReadStream(values, { highWaterMark: 1 << 20 }) })) {
  const space = line.indexOf(' ')
  builder.add(line.slice(0, space) as HuntedType, line.slice(space + 1))
}
const index = builder.build()
const scanner = createScanner(index)
const out = createWriteStream('', { fd: 1 })
await using log = await openLog(path)
await searchLog(log, scanner, {
  onFind: ({ line, offset, text, indicator }) => {
    out.write(`${path}:${line}:${offset} ${text} ${indicatorAt(index, indicator).value}\n`)
  }
})
await new Promise((resolve) => out.end(resolve))
process.stderr.write(`rss ${process.resourceUsage().maxRSS * 1024}\n`)
