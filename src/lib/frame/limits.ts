// The limits of the wire as far as a gateway can see them (docs/WIRE.md, Frames). Sizes in bytes, times in milliseconds.
// Both ends of every hop enforce them: a peer that exceeds one is broken or hostile, and its link or socket is closed.

/** The clear header of a record: version, type, sequence. Nothing shorter is a record. */
export const RECORD_HEADER = 10;
/** Header, a segment of 64 KiB, and the AES-GCM tag. */
export const MAX_RECORD = RECORD_HEADER + 65_536 + 16;
/** `kind u8 | link u32be` before the payload of a frame. */
export const FRAME_HEADER = 5;
/** A WebSocket message longer than this closes the socket with 1009. */
export const MAX_FRAME = FRAME_HEADER + MAX_RECORD;
/** `length u32be` before each record in an HTTP/2 body. */
export const LENGTH_PREFIX = 4;
/** UTF-8 bytes of the text in a CLOSE frame. */
export const MAX_CLOSE_TEXT = 256;
/** Bytes of DATA payload a client may send on one link beyond what CREDIT frames have given back. */
export const LINK_WINDOW = 262_144;
/** The gateway gives back credit in steps of at least this much; a window always holds one step and one record. */
export const CREDIT_STEP = 65_536;
/** Links open at once on one WebSocket. */
export const MAX_LINKS = 2_048;
/** A link that is neither OPENED nor CLOSEd by the gateway within this time does not exist. */
export const OPEN_TIMEOUT = 20_000;
/** From OPENED to the agent's answer to HELLO or PAIR. */
export const HANDSHAKE_TIMEOUT = 10_000;
