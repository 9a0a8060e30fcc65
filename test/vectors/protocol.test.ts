/** docs/protocol.md says what the code says: types, domain strings, codes and bounds, both ways. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { JOURNAL_ERRORS, LINK_REASONS, OPAQUE_REASONS } from '@tocsin/journal'
import { INDICATOR_TYPE_NAMES, INDICATOR_TYPES } from '@tocsin/model'
import { NETWORK_ERRORS } from '@tocsin/network'
import { ADMIT_ERRORS } from '@tocsin/replica'
import { SYNC_ERRORS } from '@tocsin/sync'
import { FRAME_CODES } from '@tocsin/sync/testing'
import { HOP_CODES, HOP_PROOF_CODES, REGISTER_HOP_CODES, STALE_CODES, TRUST_ERRORS } from '@tocsin/trust'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TEXT = readFileSync(join(ROOT, 'docs/protocol.md'), 'utf8')
const quoted = new Set([...TEXT.matchAll(/`([a-z0-9]+(?:-[a-z0-9]+)*)`/g)].map(([, code = '']) => code))
const section = (title: string): string => TEXT.split(/^## /m).find((part) => part.startsWith(title)) ?? ''

/** Codes that a reader of the wire never meets: faults of a caller of our own. */
const OURS = new Set([
  'hex-malformed',
  'base58-malformed',
  'cbor-unencodable',
  'seed-length',
  'descriptor-field',
  'body-shape',
  'register-not-ours'
])
const WIRE = [
  ...[JOURNAL_ERRORS, LINK_REASONS, OPAQUE_REASONS, ADMIT_ERRORS, SYNC_ERRORS].map((table) => Object.keys(table)),
  ...[HOP_CODES, HOP_PROOF_CODES, REGISTER_HOP_CODES, STALE_CODES, TRUST_ERRORS].map((table) => Object.keys(table))
].flat()
/** Declined with them, or ended by the carrier: their tables hold much that is no part of the protocol. */
const ALSO = ['not-shared', 'retractions-first', ...Object.keys(NETWORK_ERRORS)]

describe('docs/protocol.md', () => {
  it('names every code that a reader of the wire can meet', () => {
    // A hop proof that does not verify is refused as a whole at the door.
    const covered = new Set([...quoted, 'hop-proof-signature'])
    expect([...new Set(WIRE)].filter((code) => !OURS.has(code) && !covered.has(code))).toEqual([])
  })

  it('names no code that does not exist', () => {
    const known = new Set<string>([...WIRE, ...ALSO, ...INDICATOR_TYPE_NAMES, ...Object.keys(FRAME_CODES)])
    const words = ['file-name', 'media-type', 'libp2p-peer-record', '0-9a-f', '0-9a-z']
    expect([...quoted].filter((code) => code.includes('-') && !known.has(code) && !words.includes(code))).toEqual([])
  })

  it('gives every frame its type', () => {
    const given = [...section('Frames').matchAll(/^([a-z-]+) \((\d+)\) += \[/gm)].map(([, type, code]) => [
      type,
      Number(code)
    ])
    expect(Object.fromEntries(given)).toEqual(FRAME_CODES)
    expect(given.length).toBe(Object.keys(FRAME_CODES).length)
  })

  it('names the domain strings of the source, and no others', () => {
    const files = globSync('packages/*/src/**/*.ts', { cwd: ROOT }).filter((name) => !name.endsWith('.test.ts'))
    const domains = (text: string): string[] => [...text.matchAll(/tocsin\/[a-z-]+\/1\\0/g)].map(([domain]) => domain)
    const used = new Set(files.flatMap((name) => domains(readFileSync(join(ROOT, name), 'utf8'))))
    expect([...new Set(domains(TEXT))].sort()).toEqual([...used].sort())
  })

  it('gives every type of indicator its normal form, and its length', () => {
    const rows = section('Values of indicators')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim()))
    const given = rows.flatMap(([, types = '', most = '', form = '']) => {
      const names = types.split(' · ').map((group) => [...group.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
      // Of hashes the form is the length: HEXn.
      const lengths = most === '' ? form.split(' · ').map((hex) => hex.replace('HEX', '')) : most.split(' · ')
      return names.flatMap((group, index) => group.map((name) => [name, Number(lengths[index])]))
    })
    const wanted = INDICATOR_TYPE_NAMES.map((type) => [type, INDICATOR_TYPES[type].maxLength])
    expect(Object.fromEntries(given)).toEqual(Object.fromEntries(wanted))
  })
})
