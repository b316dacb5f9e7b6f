// The secret of a permit, of which the host that gave it keeps only a hash.
import { createHash, timingSafeEqual } from 'node:crypto';

/** 64 hex digits. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export const HASH = /^[0-9a-f]{64}$/;

/** In the same time whatever they are. */
export const sameHash = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b));
