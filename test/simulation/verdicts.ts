/**
 * The same entry is verified by every node that gets it, and one process runs them all: what a key said of a signature is
 * remembered, since it is a function of key, message and signature and of nothing else.
 */
import { admitKey, type SigningKey, signingKey, toHex, toLatin1 } from '@tocsin/journal'

interface Verdict {
  readonly key: string
  readonly message: Uint8Array
  readonly isGood: boolean
}

const MOST = 200_000
/** Of so many signatures that were made here one is verified all the same. */
const SAMPLE = 32

const verdicts = new Map<string, Verdict>()
let made = 0

function remember(signature: string, verdict: Verdict): void {
  if (verdicts.size >= MOST) verdicts.clear()
  verdicts.set(signature, verdict)
}

/** The same key; what it signs is known to be good (RFC 8032 §5.1.7) wherever it is asked for. */
export function remembered(key: SigningKey): SigningKey {
  const hex = toHex(key.publicKey)
  return {
    publicKey: key.publicKey,
    sign: (message) => {
      const signature = key.sign(message)
      made += 1
      if (made % SAMPLE !== 0)
        remember(toLatin1(signature), { key: hex, message: Uint8Array.from(message), isGood: true })
      return signature
    },
    agree: key.agree
  }
}

/** @returns gives the keys back their own judgement */
export function rememberVerdicts(): () => void {
  const prototype = Object.getPrototypeOf(admitKey(signingKey(new Uint8Array(32)).publicKey)) as {
    verifies(this: { hex: string }, message: Uint8Array, signature: Uint8Array): boolean
  }
  const { verifies } = prototype
  prototype.verifies = function (message, signature) {
    const id = toLatin1(signature)
    const known = verdicts.get(id)
    if (known !== undefined && known.key === this.hex && Buffer.compare(known.message, message) === 0)
      return known.isGood
    const isGood = verifies.call(this, message, signature)
    remember(id, { key: this.hex, message: Uint8Array.from(message), isGood })
    return isGood
  }
  return () => {
    prototype.verifies = verifies
  }
}
