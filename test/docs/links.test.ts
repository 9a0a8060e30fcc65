/** The documents point at what exists: every link to a file, and every file of the source that they name. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md', '{packages,node,test,scripts}/**/*.md'], {
  cwd: ROOT,
  exclude: (path) => path.includes('node_modules')
}).toSorted()

const LINK = /\]\(([^)\s]+)\)/g
const HEADING = /^#{1,6} (.+)$/gm
const SOURCE = /`((?:packages|node|test|scripts|docs)\/[\w./-]+\.(?:ts|md|json|sh|txt))`/g

/** As GitHub and GitLab make an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')

function brokenLinks(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8')
  return [...text.matchAll(LINK)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path)
      if (!existsSync(file)) return true
      if (anchor === undefined) return false
      return ![...readFileSync(file, 'utf8').matchAll(HEADING)].some(([, heading = '']) => anchorOf(heading) === anchor)
    })
}

function missingFiles(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8')
  return [...text.matchAll(SOURCE)].map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)))
}

/** `file.test.ts` “title”: the file must hold a test of this title. */
const TEST = /`([\w./-]+\.test\.ts)` “([^”]+)”/g

function missingTests(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8')
  return [...text.matchAll(TEST)]
    .filter(([, path = '', title = '']) => {
      const source = existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : ''
      return !new RegExp(`(?:describe\\w*|it|each|\\))\\(\\s*['"\`]${escapeRegExp(title)}['"\`]`).test(source)
    })
    .map(([whole]) => whole)
}

const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

describe('the documents', () => {
  it('are found', () => {
    expect(DOCUMENTS).toContain('README.md')
    expect(DOCUMENTS.length).toBeGreaterThan(20)
  })

  it.each(DOCUMENTS)('%s links to files and headings that exist', (document) => {
    expect(brokenLinks(document)).toEqual([])
  })

  it.each(DOCUMENTS)('%s names files of the source that exist', (document) => {
    expect(missingFiles(document)).toEqual([])
  })

  it.each(DOCUMENTS)('%s cites tests that exist', (document) => {
    expect(missingTests(document)).toEqual([])
  })
})
