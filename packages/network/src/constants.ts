/** The exchange of two replicas (DESIGN §8). A dull name: identify tells it to every peer. */
export const SYNC_PROTOCOL = '/tocsin/sync/1.0.0'

/** Lookups among the members of a circle; which circle is the first thing said in the stream. */
export const KAD_PROTOCOL = '/tocsin/kad/1.0.0'

/** Signed peer records handed on by a neighbour. */
export const RECORDS_PROTOCOL = '/tocsin/records/1.0.0'

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

/** Time for one address of a dial, ms: one that swallows everything must leave time for the others. */
export const ADDRESS_DIAL_MS = 4_000

/** Two streams opened within this time of each other are a simultaneous dial; later, the newer stream is right, since
 * a peer that still had the older one would not have opened it. ms. */
export const TIE_WINDOW_MS = 10_000

/** A link that lived this long was good: the next redial starts again at the shortest wait. ms. */
export const STABLE_MS = 10_000

/** Open connections of all, in both directions. */
export const MAX_CONNECTIONS = 2_000

/** Time from a TCP connection to the end of its WebSocket request, ms; libp2p's own limits begin there. */
export const WS_REQUEST_MS = 5_000

/** Longest WebSocket message, bytes: each carries one piece of noise, 64 KiB at most. */
export const MAX_WS_MESSAGE = MIB

/** Open connections of one peer: two simultaneous dials, and some that its restarts left behind. */
export const MAX_CONNECTIONS_PER_PEER = 8

/** Streams of one connection: one exchange, identify, pings; each may hold a window of unread bytes. */
export const MAX_STREAMS_PER_CONNECTION = 16

/** Relayed connections over one connection, in each direction: a node behind a relay has a stream there for each peer. */
export const MAX_RELAYED = 128

/** Peers that may be reached through this node at one time. */
export const MAX_RESERVATIONS = 128

/** Bytes of one relayed connection that wait at the relay, in each direction, above which it stops reading. */
export const RELAY_BUFFER = MIB

/** Bytes of one request to a relay. */
export const RELAY_REQUEST_BYTES = 4 * KIB

/** Wait before a relay is asked again for a place, and between looks whether the place is still there. ms. */
export const RESERVE_AGAIN_MS = 15_000

/** How long a signed record of a peer is kept, ms: 400 days. */
export const RECORD_AGE_MS = 400 * 86_400_000

/** Addresses taken of one signed record or of one answer about a peer. */
export const MAX_ADDRESSES_PER_RECORD = 16

/** Addresses taken of one lookup. */
export const MAX_ADDRESSES_FOUND = 24

/** Time for one lookup among the members of a circle, ms. */
export const LOOKUP_MS = 5_000

/** Lookups under way over one connection, in each direction. */
export const KAD_STREAMS = 4

/** Lookups answered to one peer: so many at once, then so many a second. */
export const KAD_BUDGET = 256
export const KAD_PER_SECOND = 8

/** Bytes of one question and of one answer: 20 members with their addresses are about 30 KiB. */
export const KAD_QUESTION_BYTES = 4 * KIB
export const KAD_ANSWER_BYTES = 256 * KIB

/** Bytes of one signed peer record: as large as identify takes them. */
export const MAX_RECORD = 8 * KIB

/** Records in one hand-over. */
export const MAX_RECORDS_PER_STREAM = 256

/** Hand-overs under way over one connection, in each direction; and time for one, ms. */
export const RECORDS_STREAMS = 2
export const RECORDS_STREAM_MS = 10_000

/** Least time between two hand-overs to one neighbour, and wait after one that failed, ms. */
export const RECORDS_PAUSE_MS = 2_000
export const RECORDS_AGAIN_MS = 30_000

/** Records taken of one neighbour: so many at once, then so many a second. Each costs a signature check. */
export const RECORDS_BUDGET = 512
export const RECORDS_PER_SECOND = 1

/** A record's number is its time in ms; one further ahead of our clock than this is not taken. ms. */
export const RECORD_AHEAD_MS = 600_000
