// The pairing tickets in the fragment of an address, which browsers send to no server.

/** The tickets' text of `#pair=A,B`; null when the fragment carries none. A mangled one is left to be refused as it is. */
export function pairFragment(hash: string): string | null {
  if (!hash.startsWith('#pair=')) return null;
  const text = hash.slice('#pair='.length);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
