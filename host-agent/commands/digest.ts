// What makes two commands the same command: the operator and everything asked for. Deadline and note are not part of it.
import { createHash } from 'node:crypto';
import type { OperatorKey } from '../../src/lib/model/ids.ts';
import type { Command } from '../../src/lib/protocol/schema.ts';

/** 64 hex digits: SHA-256 over operator, host, op, expected revision and arguments, keys in alphabetical order. */
export function digestOf(operator: OperatorKey, { host, op, expect, args }: Command): string {
  return createHash('sha256').update(canonical({ operator, host, op, expect, args })).digest('hex');
}

const canonical = (value: object): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner
  );
