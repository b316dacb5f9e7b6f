// One line of the journal: a number, the hash of the line before, an instant, and what was begun or how it ended.
// The hash of a line is SHA-256 over its bytes without the line break; docs/WIRE.md calls it the journal's hash there.
import { createHash } from 'node:crypto';
import { detailNames, Fault, isFaultCode } from '../../src/lib/model/fault.ts';
import { RESOURCES, WITNESSES } from '../../src/lib/model/fleet.ts';
import type { Effect } from '../../src/lib/model/fleet.ts';
import { commandId, operatorKey, PUBLIC_KEY, UUID, vmId } from '../../src/lib/model/ids.ts';
import type { CommandId, OperatorKey, VmId } from '../../src/lib/model/ids.ts';
import { Fields } from '../files/fields.ts';

/** The first line of every journal: no journal of another host can take its place unnoticed. */
export type Opened = { readonly kind: 'opened'; readonly host: string };

/** A command that is about to be carried out. */
export type Started = {
  readonly kind: 'started';
  readonly id: CommandId;
  readonly operator: OperatorKey;
  readonly label: string;
  /** An op of the version that wrote it: another version may not know it. */
  readonly op: string;
  /** For `vm.create`: the id the agent chose. */
  readonly vm: VmId | null;
  /** SHA-256 of operator and content, 64 hex digits: what makes a command the same command. */
  readonly digest: string;
  readonly summary: string;
  /** What it is a part of, as its sender says. Lines of older versions have none. */
  readonly note: string | null;
};

export const ENDINGS = ['done', 'refused', 'failed', 'unknown'] as const;

/** How it ended: all of the reply that is worth keeping (the VM is looked up anew when it is told again). */
export type Ending = {
  readonly status: (typeof ENDINGS)[number];
  readonly fault: Fault | null;
  readonly effects: readonly Effect[];
  /** Id of the pairing code it made. The code itself is never in the journal. */
  readonly code: string | null;
};
export type Ended = Ending & {
  readonly kind: 'ended';
  /** The number of the line it began with. */
  readonly of: number;
};

export type Content = Opened | Started | Ended;
export type Line = { readonly n: number; readonly prev: string; readonly at: number; readonly content: Content };

/** Before the first line. */
export const GENESIS = '0'.repeat(64);
export const hashOf = (line: Uint8Array): string => createHash('sha256').update(line).digest('hex');

/** The bytes of a line, without its line break. */
export function printLine({ n, prev, at, content }: Line): Buffer {
  const fault = content.kind === 'ended' && content.fault;
  const told = fault
    ? { ...content, fault: { code: fault.code, message: fault.message, detail: fault.detail } }
    : content;
  return Buffer.from(JSON.stringify({ n, prev, at, ...told }));
}

const HASH = /^[0-9a-f]{64}$/;

/** @param place for the fault, “journal.jsonl line 3”. @throws Fault `corrupt-state` */
export function parseLine(place: string, text: string): Line {
  const fields = Fields.parse(place, text);
  const line = {
    n: fields.whole('n', 1),
    prev: fields.text('prev', HASH),
    at: fields.whole('at', 0),
    content: parseContent(fields)
  };
  fields.end();
  return line;
}

/** What ties a line to the others. */
export type Tie = { readonly n: number; readonly prev: string } & (
  | { readonly kind: 'opened'; readonly host: string }
  | { readonly kind: 'started'; readonly id: CommandId }
  | { readonly kind: 'ended'; readonly of: number }
);

/** As `parseLine`, but only what checking the whole journal needs: the hashes vouch for the rest. */
export function parseTie(place: string, text: string): Tie {
  const fields = Fields.parse(place, text);
  const tie = { n: fields.whole('n', 1), prev: fields.text('prev', HASH) };
  const kind = fields.choice('kind', ['opened', 'started', 'ended']);
  if (kind === 'opened') return { ...tie, kind, host: fields.text('host') };
  if (kind === 'ended') return { ...tie, kind, of: fields.whole('of', 1) };
  return { ...tie, kind, id: commandId(fields.text('id', UUID)) };
}

function parseContent(fields: Fields): Content {
  const kind = fields.choice('kind', ['opened', 'started', 'ended']);
  if (kind === 'opened') return { kind, host: fields.text('host') };
  if (kind === 'ended') {
    return {
      kind,
      of: fields.whole('of', 1),
      status: fields.choice('status', ENDINGS),
      fault: fields.maybe('fault', () => parseFault(fields.object('fault'))),
      effects: fields.list('effects', parseEffect),
      code: fields.maybe('code', () => fields.text('code', /^[0-9a-f]{16}$/))
    };
  }
  return {
    kind,
    id: commandId(fields.text('id', UUID)),
    operator: operatorKey(fields.text('operator', PUBLIC_KEY)),
    label: fields.text('label'),
    op: fields.text('op', /^[a-z.-]{1,32}$/),
    vm: fields.maybe('vm', () => vmId(fields.text('vm', UUID))),
    digest: fields.text('digest', HASH),
    summary: fields.text('summary'),
    note: fields.maybe('note', () => fields.text('note'))
  };
}

/** A fault whose code or details this version does not know keeps its words. */
function parseFault(fields: Fields): Fault {
  const code = fields.text('code');
  const message = fields.text('message');
  const given = fields.object('detail').rest();
  fields.end();
  if (isFaultCode(code) && detailNames(code).every((name) => typeof given[name] === 'string')) {
    return new Fault(code, given as never); // The names come from the table the type is made from.
  }
  return new Fault('internal', { reason: `${code}: ${message}` });
}

const parseEffect = (fields: Fields): Effect => ({
  resource: fields.choice('resource', RESOURCES),
  asked: fields.text('asked'),
  seen: fields.maybe('seen', () => fields.text('seen')),
  by: fields.maybe('by', () => fields.choice('by', WITNESSES)),
  when: fields.choice('when', ['now', 'next-boot']),
  note: fields.maybe('note', () => fields.text('note'))
});
