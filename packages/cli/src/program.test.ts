import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { openDesk } from './testing/desk.ts'

describe('a failure', () => {
  it('asks whether the node runs when nothing answers', async () => {
    await using desk = await openDesk()
    const closed = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => closed.once('listening', resolve))
    const { port } = closed.address() as AddressInfo
    await new Promise((resolve) => closed.close(resolve))
    const connect = async () => ({ baseUrl: `http://127.0.0.1:${port}`, token: 'secret-token' })
    const { status, err } = await desk.run(['search'], { connect })
    expect(status).toBe(1)
    expect(err).toContain('is `tocsin run` running?')
    expect(err).toContain('ECONNREFUSED')
    expect(err).not.toContain('secret-token')
    expect((await desk.run(['search'], { connect, lang: 'fr' })).err).toContain('est-ce que `tocsin run` tourne ?')
  })

  it('knows something else than a node', async () => {
    await using desk = await openDesk()
    const other = createServer((_request, response) => response.writeHead(502).end('<html>')).listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo
    const connect = async () => ({ baseUrl: `http://127.0.0.1:${port}`, token: 't' })
    expect((await desk.run(['search'], { connect })).err).toContain('(node-answer-unreadable)')
    await new Promise((resolve) => other.close(resolve))
  })

  it('without a token says where one is looked for', async () => {
    await using desk = await openDesk()
    const connect = async () => ({ baseUrl: desk.address, token: undefined })
    expect((await desk.run(['search'], { connect })).err).toContain('TOCSIN_TOKEN')
  })

  it('is a problem document with --json', async () => {
    await using desk = await openDesk()
    const { status, err, out } = await desk.run(['--json', 'show', 'ffffffff'])
    expect({ status, out }).toEqual({ status: 1, out: '' })
    expect(JSON.parse(err)).toMatchObject({ status: 404, code: 'not-found', type: 'urn:tocsin:error:not-found' })
  })

  it('of wrong use is told by commander with status 2, and help is none', async () => {
    await using desk = await openDesk()
    for (const args of [['serach'], ['show'], ['search', '--nwe'], ['circle', 'create', 'x', '--threshold', '0'], []]) {
      expect((await desk.run(args)).status).toBe(2)
    }
    const help = await desk.run(['help', 'publish'], { lang: 'fr' })
    expect(help.status).toBe(0)
    expect(help.out).toContain('Usage :')
    expect(help.out).toContain('--keep-until')
  })

  it('of ours shows where it is', async () => {
    await using desk = await openDesk()
    const connect = async () => {
      throw new RangeError('broken \u001b[2J')
    }
    const { status, err } = await desk.run(['search'], { connect })
    expect(status).toBe(1)
    expect(err).toContain('program.test.ts')
    expect(err).not.toContain('\u001b')
  })
})

it('--home reaches whoever connects and signs, before and after the command', async () => {
  await using desk = await openDesk()
  const homes: string[] = []
  const connect = async (home: string) => {
    homes.push(home)
    return { baseUrl: desk.address, token: desk.token }
  }
  await desk.run(['status'], { connect })
  await desk.run(['--home', '/a', 'status'], { connect })
  await desk.run(['peer', 'list', '--home', '/b'], { connect })
  expect(homes).toEqual([desk.home, '/a', '/b'])
})

it('takes the commands that need keys from outside', async () => {
  await using desk = await openDesk()
  const ran = await desk.run(['init', '--json'], {
    extend: (program, session) => {
      program.command('init').action(() => session.screen.json({ home: session.home(), json: session.json() }))
    }
  })
  expect(ran.json()).toEqual({ home: desk.home, json: true })
})
