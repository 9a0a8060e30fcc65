/** How often somebody may ask: so many at once, and so many a second after that. */
export interface Bucket {
  /** False if it is empty. */
  take(): boolean
}

export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

/** `now` in ms, never going back. */
export function createBucket({ burst, perSecond }: Rate, now: () => number): Bucket {
  let left = burst
  let at = now()
  return {
    take: () => {
      const time = now()
      left = Math.min(burst, left + ((time - at) * perSecond) / 1000)
      at = time
      if (left < 1) return false
      left -= 1
      return true
    }
  }
}

/** A bucket for each source. Beyond `most` sources all are forgotten: memory is bounded whoever asks. */
export function createBuckets(rate: Rate, most: number, now: () => number): (source: string) => boolean {
  const buckets = new Map<string, Bucket>()
  return (source) => {
    let bucket = buckets.get(source)
    if (bucket === undefined) {
      if (buckets.size >= most) buckets.clear()
      bucket = createBucket(rate, now)
      buckets.set(source, bucket)
    }
    return bucket.take()
  }
}
