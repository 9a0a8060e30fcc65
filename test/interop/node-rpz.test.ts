/** The way of an indicator to its end: published at a node, fetched over HTTP, answered by a real BIND. */
import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import { createFederation, type Federation, type Institution } from '../harness/federation.ts'
import { publish } from '../harness/line.ts'
import { describeRpzInBind, LISTED, POLICY_ZONE } from './rpz-suite.ts'

let federation: Federation | undefined
let reims: Institution | undefined
let bulletin = ''

async function* zone(): AsyncIterable<string> {
  const response = await fetch(`${reims?.api}/v1/feeds/rpz?zone=${POLICY_ZONE}`, {
    headers: { authorization: `Bearer ${reims?.token}` }
  })
  if (!response.ok) throw new Error(`the feed answered ${response.status}`)
  yield await response.text()
}

describeRpzInBind('the zone of a running node in BIND', {
  published: async () => {
    federation = await createFederation({ world: { now: Date.now, random: (bytes) => randomBytes(bytes) } })
    reims = await federation.institution('Reims', 'univ-reims.fr')
    await federation.circle('esr-fr', 1, [reims])
    const indicators = Object.entries(LISTED).map(([type, value]) => ({ type, value }))
    bulletin = await publish(reims, { tlp: 'AMBER', pap: 'GREEN', threat: 'phishing', title: 'campus', indicators })
    return zone()
  },
  retracted: async () => {
    await reims?.call('POST', `/v1/bulletins/${bulletin}/retraction`, { reason: 'false alarm' })
    return zone()
  }
})

afterAll(() => federation?.end())
