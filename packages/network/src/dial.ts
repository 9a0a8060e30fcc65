import type { Connection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { InstitutionId, NodeKey } from '@tocsin/model'
import { dialAddress } from './address.ts'
import { DIAL_MS, MAX_ADDRESSES_PER_RECORD } from './constants.ts'
import { NETWORK_ERRORS, NetworkError, wrap } from './errors.ts'
import type { Host } from './host.ts'
import { peerIdOf } from './node-key.ts'
import type { AllowedPeer } from './ports.ts'

export interface DiallerDeps {
  readonly host: Host
  /** Asks the members of shared circles (circle-dhts.ts). */
  find(institution: InstitutionId, peer: PeerId, signal: AbortSignal): Promise<Multiaddr[]>
}

/**
 * Connects to one node key of a peer: at the addresses of its newest signed record, then at those of its card, then at
 * whatever the members of a shared circle know. Each step is tried only if those before it failed, and only with
 * addresses not tried yet.
 * @throws NetworkError no-address, dial-failed, dial-timeout
 */
export async function connect(
  { host, find }: DiallerDeps,
  peer: AllowedPeer,
  key: NodeKey,
  stop: AbortSignal
): Promise<Connection> {
  const peerId = peerIdOf(key)
  const sources: (() => Promise<readonly string[]> | readonly string[])[] = [
    () => recorded(host, peerId),
    () => peer.addresses,
    async () => (await find(peer.institution, peerId, stop)).map(String)
  ]
  const tried = new Set<string>()
  let failure: NetworkError | undefined
  for (const source of sources) {
    const addresses = (await source())
      .flatMap((text) => dialAddress(text, key) ?? [])
      .filter((address) => !tried.has(address.toString()))
    if (addresses.length === 0 || stop.aborted) continue
    for (const address of addresses) tried.add(address.toString())
    try {
      return await within(stop, (signal) => host.dial(addresses, { signal }), 'dial-failed')
    } catch (error) {
      failure ??= wrap(error, 'dial-failed')
    }
  }
  throw failure ?? new NetworkError('no-address', NETWORK_ERRORS['no-address'])
}

async function recorded({ peerStore }: Host, peerId: PeerId): Promise<readonly string[]> {
  if (!(await peerStore.has(peerId))) return []
  const { addresses } = await peerStore.get(peerId)
  return addresses
    .filter(({ isCertified }) => isCertified)
    .slice(0, MAX_ADDRESSES_PER_RECORD)
    .map(({ multiaddr }) => multiaddr.toString())
}

/** Runs one step of a dial within DIAL_MS and the caller's signal. */
export async function within<T>(
  stop: AbortSignal,
  step: (signal: AbortSignal) => Promise<T>,
  code: 'dial-failed' | 'stream-failed'
): Promise<T> {
  const deadline = AbortSignal.timeout(DIAL_MS)
  try {
    return await step(AbortSignal.any([stop, deadline]))
  } catch (error) {
    throw wrap(error, deadline.aborted ? 'dial-timeout' : code)
  }
}
