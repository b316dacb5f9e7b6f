// An arrival as it is written down: what was made for the VM, and by what its source will be known.
import { commandId, UUID, vmId } from '../../src/lib/model/ids.ts';
import type { CommandId, VmId } from '../../src/lib/model/ids.ts';
import type { Made } from '../drivers/migration.ts';
import { Fields } from '../files/fields.ts';
import { HASH } from './token.ts';

export type WrittenArrival = {
  readonly vm: VmId;
  readonly name: string;
  readonly from: string;
  readonly hash: string;
  readonly autostart: boolean;
  readonly stays: boolean;
  readonly entry: CommandId | null;
  readonly made: readonly Made[];
};

export const isArrivalFile = (file: string): boolean => file.endsWith('.json') && UUID.test(file.slice(0, -5));

export const printArrival = ({ vm, name, from, hash, autostart, stays, entry, made }: WrittenArrival): string =>
  `${JSON.stringify({ version: 1, vm, name, from, hash, autostart, stays, entry, made })}\n`;

/** @throws Fault `corrupt-state` */
export function parseArrival(file: string, text: string): WrittenArrival {
  const fields = Fields.parse(file, text);
  fields.whole('version', 1, 1);
  const written = {
    vm: vmId(fields.text('vm', UUID)),
    name: fields.text('name'),
    from: fields.text('from'),
    hash: fields.text('hash', HASH),
    // An older agent wrote none.
    autostart: fields.maybe('autostart', () => fields.flag('autostart')) ?? false,
    stays: fields.maybe('stays', () => fields.flag('stays')) ?? false,
    entry: fields.maybe('entry', () => commandId(fields.text('entry', UUID))),
    made: fields.list('made', (item) => ({ pool: item.text('pool'), volume: item.text('volume') }))
  };
  fields.end();
  return written;
}
