import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { openDesk } from './testing/desk.ts'

const TEXT = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8')
const OURS = TEXT.slice(TEXT.indexOf('## Over the HTTP API'), TEXT.indexOf('## At the home itself'))

/** Sections of the documentation: the command's words and its usage. */
const SECTIONS = new Map(
  OURS.split(/^### tocsin /m)
    .slice(1)
    .map((section): [string, string] => {
      const [name = '', , ...rest] = section.split('\n')
      return [name, /```\n([\s\S]*?)```/.exec(rest.join('\n'))?.[1] ?? '']
    })
)

/** Every command that does something by itself, with the words that call it. */
function commandsOf(command: Command, words: readonly string[] = []): [string, Command][] {
  return command.commands
    .filter((sub) => sub.name() !== 'help')
    .flatMap((sub) => {
      const path = [...words, sub.name()]
      const isGroup = sub.commands.length > 0 && sub.registeredArguments.length + sub.options.length === 0
      const own: [string, Command][] = isGroup ? [] : [[path.join(' '), sub]]
      return [...own, ...commandsOf(sub, path)]
    })
}

describe('docs/cli.md', async () => {
  await using desk = await openDesk()
  const commands: [string, Command][] = []
  await desk.run(['--help'], { extend: (program) => commands.push(...commandsOf(program)) })

  it('has one section a command, and no other', () => {
    expect([...SECTIONS.keys()].toSorted()).toEqual(commands.map(([name]) => name).toSorted())
  })

  it.each(commands)('writes %s with its options', (name, command) => {
    const usage = SECTIONS.get(name) ?? ''
    expect(usage.startsWith(`tocsin ${name}`)).toBe(true)
    const documented = [...usage.matchAll(/--[a-z-]+/g)].map(([option]) => option)
    const known = command.options.map(({ long }) => long)
    expect(documented.toSorted()).toEqual(known.toSorted())
    // Words in capitals (or a choice of words) stand for the arguments.
    const [before = ''] = usage.slice(`tocsin ${name}`.length).split('--')
    const placed = before.replaceAll('[', ' ').trim()
    expect(placed !== '').toBe(command.registeredArguments.length > 0)
  })

  it('writes each usage within the width of a page', () => {
    for (const usage of SECTIONS.values())
      for (const line of usage.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })
})
