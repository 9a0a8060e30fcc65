/** Numbers of the sync protocol v1, with unit and reason. What both sides must agree on is marked (wire). */

const KIB = 1024
const MIB = 1024 * KIB
const SECOND = 1000
const MINUTE = 60 * SECOND

/** (wire) An unknown major is refused; a newer minor only adds what older ones need not know. */
export const PROTOCOL = { major: 1, minor: 0 } as const

/** (wire) Longest frame: 1 MiB of payload and its wrapping. */
export const MAX_FRAME = MIB + 64 * KIB
/** (wire) A batch decompresses to at most this, and its zstd window is no larger. */
export const MAX_RAW = MIB
/** (wire) Entries in one batch. */
export const MAX_BATCH_ENTRIES = 512
/** Raw size a batch aims at (DESIGN §8.3): one syscall's worth, 337 MB/s over libp2p (measured). */
export const BATCH_BYTES = 64 * KIB
/** (wire) Larger bodies travel as `large` and `chunk` frames, one at a time. */
export const LARGE_BODY = 256 * KIB
/** Larger bodies are announced, never pushed live (DESIGN §8.4). */
export const LIVE_BODY = 64 * KIB

/** (wire) What every data frame costs beside its payload, so that a million tiny ones are no way around the credit. */
export const DATA_FRAME_COST = KIB
/** Credit granted at the start and then kept open, per peer and direction. */
export const WINDOW = 4 * MIB
export const MIN_WINDOW = MIB
export const MAX_WINDOW = 64 * MIB
/** Data frames made in one `handle`, so that a catch-up does not hold the event loop: about 10 ms. Answers bring the next turn. */
export const FRAMES_PER_TURN = 16
/** Live jobs in a row before one of catch-up has its turn. */
export const LIVE_RUN = 4

/** (wire) A mark stands for a row in a sketch: 48 salted bits, among at most some thousands of rows. */
export const MARK_BYTES = 6
export const SALT_BYTES = 8
/** (wire) A sketch: 4 × 7 cells of a mark and its check of 2 bytes. It reads 98 % of differences of ten rows (measured). */
export const SKETCH_HASHES = 4
export const SKETCH_PART = 7
export const SKETCH_CELL_BYTES = MARK_BYTES + 2
export const SKETCH_BYTES = SKETCH_HASHES * SKETCH_PART * SKETCH_CELL_BYTES
/** (wire) Of so few rows the marks themselves are no longer than a sketch. */
export const MAX_LISTED = 36
/** Where the sketch tells nothing, so few rows are said at once: they cost no more than bucket digests (1 KiB). */
export const ROWS_AT_ONCE = 12
/** (wire) Bucket digests: 64 of 16 bytes; 128 bits, since a peer's author could grind a shorter one. */
export const BUCKETS = 64
export const BUCKET_DIGEST_BYTES = 16
/** (wire) Streams that have a short number in one direction of a session; one more takes the place of the first. */
export const MAX_NAMES = 1024
/** (wire) So much of an entry's id stands for it in pushes and announcements: its author could grind a shorter one. */
export const HEAD_ID_BYTES = 16
/** (wire) Counts per frame. */
export const MAX_HEADS_PER_FRAME = 256
export const MAX_SCOPES = 256
export const MAX_ROWS_PER_FRAME = 4096
export const MAX_WANTS_PER_FRAME = 64
export const MAX_REGISTERS_PER_FRAME = 256
/** Rows of one scope in one comparison. */
export const MAX_ROWS = 65_536
/** Streams asked for at one time, and registers. */
export const MAX_WANTED_STREAMS = 64
export const MAX_WANTED_REGISTERS = 256
/** Missing things remembered; what is beyond is found by the next comparison. */
export const MAX_MISSING = 16_384
/** Gaps, announcements and fork heads asked for out of turn at one time. */
export const MAX_URGENT = 64
/** Declines of our own remembered per session; the oldest gives way. */
export const MAX_DECLINES = 4096
/** Walks back to a fork's split in one session. */
export const MAX_REWINDS = 256
/** Descriptors kept for streams that the replica does not hold (yet). */
export const MAX_DESCRIPTORS = 64

/** A new stream of at most this many entries is pushed from its start; a longer unknown one is announced. */
export const PUSH_FROM_START = 64
/** A peer further behind than this is told, not flooded: it asks from where it stands. */
export const PUSH_AT_MOST = 256

export const HELLO_TIMEOUT_MS = 15 * SECOND
/** A heartbeat after so much silence of ours; libp2p closes idle streams after 120 s (P2P.md). */
export const HEARTBEAT_MS = 30 * SECOND
export const SILENT_MS = 90 * SECOND
/** The peer owes an answer, we owe it nothing, and nothing but heartbeats came. */
export const STALLED_MS = 120 * SECOND
/** Digests are compared so often while linked, spread by a tenth. */
export const COMPARE_MS = 10 * MINUTE
/** Comparisons of our own keep this distance, however fast rosters change. */
export const COMPARE_LEAST_MS = SECOND
/** A comparison that became due waits for a running catch-up, but not longer. */
export const COMPARE_PATIENCE_MS = 5 * SECOND
/** `too-new` entries are at most minutes ahead of our clock. */
export const TOO_NEW_RETRY_MS = MINUTE

/** An announced entry that did not come by another way after so long is asked for from the announcer. */
export const GRAFT_MS = 500
/** Of two sides that would announce the same entry to each other, the one that does not lead waits for one more tick. */
export const ANNOUNCE_LATER_MS = 1200
/** Announced entries that are waited for at one time; beyond, the next comparison finds them. */
export const MAX_EXPECTED = 4096
/** A fetch by another session of this node without progress for so long, or running for so long, keeps nobody from trying. */
export const FETCH_PATIENCE_MS = 5 * SECOND
export const FETCH_MOST_MS = MINUTE
/** What waits because others fetch it is looked at again after so long, and so many of it at one time. */
export const FETCH_LOOK_MS = 200
export const FETCH_LOOK_MOST = 512

/** Frames at a stretch that cost a comparison, beside 8 for each shared scope; they refill by one a second and scope. */
export const COMPARE_BURST = 64
/** Frames that ask for something, at a stretch and as they refill: an honest catch-up asks once for 32 streams. */
export const WANT_BURST = 1024
export const WANTS_PER_SECOND = 64
