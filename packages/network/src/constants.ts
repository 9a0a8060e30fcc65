/** The exchange of two replicas (DESIGN §8). A dull name: identify tells it to every peer. */
export const SYNC_PROTOCOL = '/tocsin/sync/1.0.0'

/** Prefix of identify and ping, so that other libp2p networks share no protocol with us. */
export const PROTOCOL_PREFIX = 'tocsin'

/** Bound into the noise handshake: a host of another network, or of a later wire format, cannot even shake hands. */
export const NOISE_PROLOGUE = 'tocsin/1'

const KIB = 1024
const MIB = 1024 * KIB

/** Longest frame in bytes, sent or received: as long as sync makes them, 1 MiB of payload and its wrapping. */
export const MAX_FRAME = MIB + 64 * KIB

/** Bytes of a frame's length prefix: MAX_FRAME needs 21 bits, three 7-bit groups. */
export const MAX_PREFIX = 3

/** yamux receive window, bytes. The default of 16 MiB lets a peer overrun the stream's read buffer of 4 MiB. */
export const STREAM_WINDOW = MIB

/** Unread bytes at which the stream stops granting window, and at which it starts again. The gap holds a whole frame
 * (so that a paused reader always has one to take), and pause + window + one frame stay under libp2p's 4 MiB. */
export const PAUSE_ABOVE = 2 * MIB
export const RESUME_BELOW = MAX_FRAME + MAX_PREFIX

/** Bytes left in a stream's write buffer above which a sender waits: two typical batches. */
export const UNSENT_LIMIT = 256 * KIB

/** Bytes waiting for the writer above which a session is fed no further frames or announcements. */
export const OUTGOING_HIGH = MIB

/** Bytes waiting for the writer at which the session is closed: only a peer that asks and never reads gets here. */
export const OUTGOING_CAP = 16 * MIB

/** Batches waiting to be admitted above which no further frame is read. */
export const PENDING_ADMITS_HIGH = 16

/** Heart of the session, ms: sync has no timers of its own. */
export const TICK_MS = 1_000

/** A peer that says nothing for this long after the stream opened does not want us (a refused dial looks open). */
export const FIRST_FRAME_MS = 20_000

/** A frame that did not leave for this long shows that the peer may be waiting for us to read: then we read on, within the
 * cap, or two full sides would wait for each other. ms. */
export const READ_ON_MS = 5_000

/** One frame may take this long to leave, ms: 1 MiB at 20 kB/s. */
export const SEND_STALL_MS = 60_000

/** What was queued before a close may still leave for this long, ms. */
export const CLOSE_FLUSH_MS = 2_000

/** A closed stream waits this long for the other side's close before it is reset, ms. */
export const CLOSE_MS = 1_000

/** Time for one dial or one stream opening, ms. */
export const DIAL_MS = 10_000

/** Two streams opened within this time of each other are a simultaneous dial; later, the newer stream is right, since
 * a peer that still had the older one would not have opened it. ms. */
export const TIE_WINDOW_MS = 10_000

/** A link that lived this long was good: the next redial starts again at the shortest wait. ms. */
export const STABLE_MS = 10_000

/** Open connections of one peer: two simultaneous dials, and some that its restarts left behind. */
export const MAX_CONNECTIONS_PER_PEER = 8

/** Streams of one connection: one exchange, identify, pings; each may hold a window of unread bytes. */
export const MAX_STREAMS_PER_CONNECTION = 16
