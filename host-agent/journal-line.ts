// One line of the journal: a number, the hash of the line before, an instant, and what was begun or how it ended.
// The hash of a line is SHA-256 over its bytes without the line break; docs/WIRE.md calls it the journal's hash there.
import { createHash } from 'node:crypto';
import { detailNames, Fault, isFaultCode } from '../src/lib/model/fault.ts';
import { RESOURCES, WITNESSES } from '../src/lib/model/fleet.ts';
import type { Effect } from '../src/lib/model/fleet.ts';
import { commandId, operatorKey, PUBLIC_KEY, UUID, vmId } from '../src/lib/model/ids.ts';
import type { CommandId, OperatorKey, VmId } from '../src/lib/model/ids.ts';
import type { Op } from '../src/lib/protocol/schema.ts';
import { isOp } from '../src/lib/protocol/schema.ts';
import { Fields } from './fields.ts';

/** The first line of every journal: no journal of another host can take its place unnoticed. */
export type Opened = { readonly kind: 'opened'; readonly host: string };

/** A command that is about to be carried out. */
export type Started = {
  readonly kind: 'started';
  readonly id: CommandId;
  readonly operator: OperatorKey;
  readonly label: string;
  readonly op: Op;
  /** For `vm.create`: the id the agent chose. */
  readonly vm: VmId | null;
  /** SHA-256 of operator and content, 64 hex digits: what makes a command the same command. */
  readonly digest: string;
  readonly summary: string;
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
  const told = fault ? { ...content, fault: { code: fault.code, detail: fault.detail } } : content;
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
  const op = fields.text('op');
  if (!isOp(op)) throw fields.corrupt(`“${op}” is no op`);
  return {
    kind,
    id: commandId(fields.text('id', UUID)),
    operator: operatorKey(fields.text('operator', PUBLIC_KEY)),
    label: fields.text('label'),
    op,
    vm: fields.maybe('vm', () => vmId(fields.text('vm', UUID))),
    digest: fields.text('digest', HASH),
    summary: fields.text('summary')
  };
}

function parseFault(fields: Fields): Fault {
  const code = fields.text('code');
  const given = fields.object('detail');
  fields.end();
  if (!isFaultCode(code)) throw fields.corrupt(`“${code}” is no fault`);
  const detail = Object.fromEntries(detailNames(code).map((name) => [name, given.text(name)]));
  given.end();
  return new Fault(code, detail as never); // The names come from the table the type is made from.
}

const parseEffect = (fields: Fields): Effect => ({
  resource: fields.choice('resource', RESOURCES),
  asked: fields.text('asked'),
  seen: fields.maybe('seen', () => fields.text('seen')),
  by: fields.maybe('by', () => fields.choice('by', WITNESSES)),
  when: fields.choice('when', ['now', 'next-boot']),
  note: fields.maybe('note', () => fields.text('note'))
});
