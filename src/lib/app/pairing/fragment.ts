// The pairing tickets in the fragment of an address, which browsers send to no server.

/** The tickets' text of `#pair=A,B`; null when the fragment carries none. */
export const pairFragment = (hash: string): string | null =>
  hash.startsWith('#pair=') ? decodeURIComponent(hash.slice('#pair='.length)) : null;
