// Why a link ended or never came to be: the closed table of codes in CLOSE frames (docs/WIRE.md, Close codes).
// A gateway says these to a browser; a browser says `normal` or `failed`. None of it is authenticated.

export const CLOSE_CODES = {
  /** The other end closed the link in good order. */
  normal: 1,
  /** The client gave the link up: a record failed its check, or the handshake did. */
  failed: 2,
  /** The host table has no such host, or no longer. */
  'unknown-host': 3,
  /** No TLS connection to the agent could be made. */
  unreachable: 4,
  /** The agent's certificate does not have the pinned key. Nothing was sent to it. */
  'pin-mismatch': 5,
  /** The agent answered the request with another status than 200. */
  refused: 6,
  /** The agent or the gateway has too many links or handshakes just now. */
  busy: 7,
  /** The client exceeded a limit: its credit, or the number of links. */
  limit: 8,
  /** The connection to the agent ended in mid-link. */
  lost: 9,
  /** The agent's stream was not a sequence of records. */
  malformed: 10,
  /** The gateway is being stopped. */
  'shutting-down': 11
} as const;

export type CloseName = keyof typeof CLOSE_CODES;

const names = new Map<number, CloseName>(Object.entries(CLOSE_CODES).map(([name, code]) => [code, name as CloseName]));

/** Null for a number that is not in the table. */
export const closeName = (code: number): CloseName | null => names.get(code) ?? null;
