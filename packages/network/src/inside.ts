import type { CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2'
import type { KadDHTComponents } from '@libp2p/kad-dht'

/** The parts of libp2p that its public face hides and that a transport or a DHT made while it runs is built of. */
export type Inside = CircuitRelayTransportComponents & KadDHTComponents

/** A libp2p service that does nothing but hand its components out. */
export function inside(): (components: Inside) => { readonly inside: Inside } {
  return (components) => ({ inside: components })
}

/**
 * A part with exactly these members and no other: what is not named here throws when it is touched, so that a library
 * which begins to use more of the host than we looked at fails in the tests and not in the open.
 */
export function only<T extends object>(members: Partial<T>): T {
  return new Proxy(members, {
    get(target, name) {
      if (name in target || typeof name === 'symbol' || name === 'then') return Reflect.get(target, name)
      throw new Error(`${name} is not for this part`)
    }
  }) as T
}

/** The same parts with some of them replaced. */
export function replacing<T extends object>(parts: T, replaced: Partial<T>): T {
  return new Proxy(parts, {
    get: (target, name) => Reflect.get(name in replaced ? replaced : target, name)
  })
}
