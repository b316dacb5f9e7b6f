// Reads what came out of a plugin's worker. The plugin could have put anything there: every array is measured, copied, and looked
// through, every text is cut, and what was not asked for is not understood.
import { MAX_CAP, MAX_WEIGHT } from '../model/cpu-share.ts';
import { LIMITS, SHARE_ROW, sharesOf } from './messages.ts';
import type { Answer, Ask, Moves, Ranking, Said } from './messages.ts';

/** Why an answer was not understood; the sandbox stops the plugin. */
export class Misspoken extends Error {}

/** What may answer: the kind of the question, and the sizes its answer has to have. */
export type Expected = {
  readonly ask: Ask['ask'];
  /** VMs that were asked about, in their order; empty unless `rank`. */
  readonly asked: Int32Array;
  readonly vms: number;
  readonly hosts: number;
};

/** @throws Misspoken */
export function readAnswer(data: unknown, expected: Expected): Answer {
  const read = record(data);
  const { ask } = expected;
  const is = read['is'];
  if (is === 'failed') return { is, reason: text(read['reason'], LIMITS.failure), said: said(read['said']) };
  if (is === 'loaded' && ask === 'load') return loaded(read);
  if (is === 'kept' && (ask === 'fleet' || ask === 'change')) return { is };
  if (is === 'ranked' && ask === 'rank') return { is, ...ranking(read, expected), said: said(read['said']) };
  if (is === 'proposal' && ask === 'propose') return { is, ...moves(read, expected) };
  if (is === 'done' && ask === 'propose') return { is, said: said(read['said']) };
  throw new Misspoken('answered what was not asked');
}

function loaded(read: Read): Answer {
  const can = record(read['can']);
  const has = (name: string): boolean => can[name] === true;
  return {
    is: 'loaded',
    manifest: text(read['manifest'], LIMITS.manifest),
    can: { filter: has('filter'), score: has('score'), propose: has('propose') },
    said: said(read['said'])
  };
}

function ranking(read: Read, { asked, hosts }: Expected): Ranking {
  const length = asked.length * hosts;
  const scores = array(read['scores'], Float32Array, 'scores', length, length);
  const why = array(read['why'], Uint16Array, 'reasons', length, length);
  const reasons = list(read['reasons'], LIMITS.reasons).map((reason) => text(reason, LIMITS.reason));
  for (const [at, score] of scores.entries()) {
    const reason = why[at] ?? 0;
    if (reason > reasons.length) throw new Misspoken('gave a reason that it did not tell');
    if (reason === 0 ? !(score >= 0 && score <= 100) : !Number.isNaN(score)) {
      throw new Misspoken(`gave the score ${score}: it must be 0 to 100`);
    }
  }
  const chosen = array(read['chosen'], Int32Array, 'chosen hosts', asked.length, asked.length);
  for (const [row, host] of chosen.entries()) {
    if (host < -1 || host >= hosts) throw new Misspoken('chose a host that is not there');
    if (host >= 0 && why[row * hosts + host] !== 0) throw new Misspoken('chose a host where the VM may not be');
  }
  return { scores, why, reasons, chosen };
}

function moves(read: Read, expected: Expected): Moves {
  const vms = array(read['vms'], Int32Array, 'VMs to move', 0, LIMITS.moves);
  const hosts = array(read['hosts'], Int32Array, 'hosts', vms.length, vms.length);
  const moved = new Uint8Array(expected.vms);
  for (const [at, vm] of vms.entries()) {
    const host = hosts[at] ?? -1;
    if (vm < 0 || vm >= expected.vms) throw new Misspoken('proposes to move a VM that is not there');
    if (host < 0 || host >= expected.hosts) throw new Misspoken('proposes a host that is not there');
    if (moved[vm] === 1) throw new Misspoken('proposes to move a VM twice');
    moved[vm] = 1;
  }
  return { vms, hosts, shares: shares(read, expected), note: text(read['note'], LIMITS.note) };
}

function shares(read: Read, expected: Expected): Int32Array {
  const rows = array(read['shares'], Int32Array, 'shares', 0, LIMITS.shares * SHARE_ROW);
  if (rows.length % SHARE_ROW !== 0) throw new Misspoken('answered shares that are not whole');
  const shared = new Uint8Array(expected.vms);
  for (const { vm, weight, cap } of sharesOf(rows)) {
    if (vm < 0 || vm >= expected.vms) throw new Misspoken('proposes a share for a VM that is not there');
    if (shared[vm] === 1) throw new Misspoken('proposes two shares for a VM');
    if (weight < 1 || weight > MAX_WEIGHT) throw new Misspoken('proposes a weight out of range');
    if (cap !== null && (cap < 1 || cap > MAX_CAP)) throw new Misspoken('proposes a cap out of range');
    shared[vm] = 1;
  }
  return rows;
}

function said(value: unknown): Said {
  const read = record(value);
  const dropped = read['dropped'];
  if (!Number.isSafeInteger(dropped) || (dropped as number) < 0) throw new Misspoken('counts its lines wrongly');
  return {
    lines: list(read['lines'], LIMITS.lines).map((line) => text(line, LIMITS.line)),
    dropped: dropped as number
  };
}

type Read = Readonly<Record<string, unknown>>;
type Columnar = Float32Array | Int32Array | Uint16Array;

/** A structured clone: neither proxies nor getters came through. */
function record(value: unknown): Read {
  if (typeof value !== 'object' || value === null) throw new Misspoken('answered what is no answer');
  return value as Read;
}

function list(value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new Misspoken(`answered more than ${most} texts, or none`);
  return Array.from(value as unknown[]);
}

function text(value: unknown, most: number): string {
  if (typeof value !== 'string' || value.length > most) {
    throw new Misspoken(`answered a text of more than ${most} characters, or none`);
  }
  return value;
}

/** A copy: what came may be a window of a buffer of any size, or one that changes its size. */
function array<Kind extends Columnar>(
  value: unknown,
  kind: new (length: number) => Kind,
  what: string,
  least: number,
  most: number
): Kind {
  if (!(value instanceof kind) || value.length < least || value.length > most) {
    throw new Misspoken(`answered ${what} of the wrong kind or number`);
  }
  return value.slice() as Kind;
}
