/** What of the configuration goes to the network room. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { InstitutionId } from '@tocsin/model'
import type { NetworkOptions } from '@tocsin/network'
import type { Config } from './config.ts'
import { NodeError } from './errors.ts'
import type { Home } from './home.ts'

/** @throws NodeError config-invalid, where the file of the network key cannot be read */
export async function networkOptions(
  home: Home,
  { network }: Config,
  nodeKeySeed: Uint8Array
): Promise<NetworkOptions> {
  const networkKey = await readNetworkKey(home, network.key_file)
  return {
    nodeKeySeed,
    listen: network.listen,
    announce: network.announce,
    servesRelay: network.serve_relay,
    relays: network.use_relays as readonly string[] as readonly InstitutionId[],
    ...(networkKey === undefined ? {} : { networkKey })
  }
}

/** Path of the network key, if one is set: a secret like the others of the home. */
export function networkKeyPath(home: Home, { network }: Config): string | undefined {
  return network.key_file === undefined ? undefined : resolve(home.dir, network.key_file)
}

async function readNetworkKey(home: Home, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const path = resolve(home.dir, file)
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const cause = (error as NodeJS.ErrnoException).code
    // A node that started without the key would be in another network and say nothing.
    throw new NodeError('config-invalid', `${home.config}: network.key_file: cannot read ${path}`, {
      path: 'network.key_file',
      cause
    })
  }
}
