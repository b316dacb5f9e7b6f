// A command as the operator wants it: with an id of its own and the instant until which the host may begin it.
import type { CommandId, HostId, Revision } from '../model/ids.ts';
import type { Millis } from '../model/units.ts';
import type { Args, Command, Op } from '../protocol/schema.ts';

export type CommandOptions = {
  /** The VM revision this was decided on: the host refuses with `stale` when it is no longer that. Default: null, any. */
  readonly expect?: Revision | null;
  /** The command's id; default: a new one. The same id is never carried out twice. */
  readonly id?: CommandId;
  /** What it is a part of, at most 200 characters: it stands in the host's journal. Default: null. */
  readonly note?: string | null;
  /** The host must begin within this time, or refuses with `expired`. Default: two minutes. */
  readonly within?: Millis;
};

/** Unless the operator says otherwise. */
export const WITHIN = 120_000 as Millis;
/** For what does no harm however late it comes: a host whose clock is wrong must still be able to say so. */
export const ANY_TIME = (24 * 3_600_000) as Millis;

/** @param at whom it is for, the time now by the host's clock, and a source of random bytes */
export function newCommand<O extends Op>(
  at: { readonly host: HostId; readonly now: Millis; readonly randomBytes: (count: number) => Uint8Array },
  op: O,
  args: Args<O>,
  { expect = null, note = null, id, within }: CommandOptions = {}
): Command {
  const command = {
    id: id ?? commandIdFrom(at.randomBytes(16)),
    op,
    host: at.host,
    notAfter: at.now + (within ?? WITHIN),
    expect,
    note,
    args
  };
  return command as unknown as Command; // O pairs op with args; TypeScript cannot see it through the union
}

/** A random (version 4) UUID from 16 random bytes: `crypto.randomUUID` is missing on insecure origins. */
export function commandIdFrom(random: Uint8Array): CommandId {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
  return parts.join('-') as CommandId;
}
