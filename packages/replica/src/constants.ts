/** Numbers with their unit and reason. */

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** An entry or register further ahead than this is tried again later (DESIGN §8.5). */
export const MAX_AHEAD = 10 * MINUTE
/** A node whose clock is further than this off its peers' median does not sign (DESIGN §8.5). */
export const MAX_SKEW = 5 * MINUTE
/** Incarnations of one key, audience and quarter (DESIGN §4). */
export const MAX_INCARNATIONS = 64
/** Charters held: a peer cannot fill the disk with circles that it invents. */
export const MAX_CIRCLES = 256
/** Closings held of one author: more than it opens streams within their keep-until, and few beside what they close. */
export const MAX_CLOSINGS = 1024
/** Without a peer that confirms its head for this long, a stream of an earlier run is left for a new incarnation. */
export const HEAD_PATIENCE = 30_000
/** Bounds for streams without a circle (DESIGN §4, keep-until), ms. */
export const DEFAULT_RETENTION = { minMs: DAY, maxMs: 2 * 365 * DAY, defaultMs: 365 * DAY } as const
/** How long a retracted body is kept where no charter says otherwise. */
export const DEFAULT_ERASURE_DELAY = DAY
/** Evidence rows kept in all, and against one institution: nobody can fill the disk with his own offences. */
export const MAX_EVIDENCE = 10_000
export const MAX_EVIDENCE_OF_ONE = 64
/** Proofs of forks kept of one author's streams of which nothing is held here: he can make up any number of those. */
export const MAX_FORKS_OF_ONE = 64
/** Statements held of one author in one circle: only 32 of his vouches count, and he must not fill everybody's memory. */
export const MAX_STATEMENTS = 1024
/** A stream that grew so recently is not dropped: the rest of it may be on its way. */
export const SETTLING = HOUR
/** Targets of one retraction (model's RetractionSchema). */
export const MAX_TARGETS = 1024
/** Hop proofs kept of one peer, 253 bytes each, and for how long: who handed on what, when a leak is traced. */
export const HOPS_OF_PEER = 4096
export const HOP_WINDOW_MS = 90 * DAY
/** Smaller bodies are read within a millisecond and not worth another thread. Bytes. */
export const READ_AHEAD = 4096
/**
 * What a void retraction may have made somebody erase was written before he can have heard of its fork; who hears of
 * forks so much later than we did has said and heard nothing for as long (presences) and waits for another path.
 */
export const FORK_NEWS = 7 * DAY
/** So long others are asked for a body that a fork may excuse, before the chain goes on without. */
export const EXCUSE_PATIENCE = 2 * MINUTE
/** A stream that was not offered without a body for this long is waited for anew. */
export const EXCUSE_LAPSE = HOUR
/** Streams waited for so; beyond, the oldest is forgotten and waits anew. */
export const MAX_EXCUSES = 1024
