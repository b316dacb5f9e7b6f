// The simulated host's only source of chance: small, fast and the same for the same seed.

/** Numbers in [0, 1) from a 32-bit seed (mulberry32). Not for secrets. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A 32-bit seed from any text (FNV-1a), so that each VM has its own sequence. */
export function seedFrom(text: string): number {
  let hash = 0x811c9dc5;
  for (const unit of Buffer.from(text)) hash = Math.imul(hash ^ unit, 0x01000193);
  return hash >>> 0;
}

/** A version 4 UUID from `random`: the same VMs appear on every start of the same seed. */
export function uuidFrom(random: () => number): string {
  const raw = Buffer.from(Array.from({ length: 16 }, () => Math.floor(random() * 256)));
  raw.writeUInt8((raw.readUInt8(6) & 0x0f) | 0x40, 6);
  raw.writeUInt8((raw.readUInt8(8) & 0x3f) | 0x80, 8);
  return raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
