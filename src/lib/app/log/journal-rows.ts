// The journals of many hosts as one list, newest first. What a host says anew costs only its own rows; of hosts whose journal
// says nothing new (most of them, most of the time) the rows of last time are taken.
import type { Messages } from '#lib/messages/messages.ts';
import type { Activity, Host } from '#lib/model/fleet.ts';
import type { HostId, VmId } from '#lib/model/ids.ts';
import { journalRow, newestFirst, type LogRow } from './row.ts';

export type Older = ReadonlyMap<HostId, readonly Activity[]>;
type Part = { readonly from: readonly unknown[]; readonly rows: readonly LogRow[] };
const NONE: readonly Activity[] = [];

export class JournalRows {
  #parts = new Map<HostId, Part>();
  #list: readonly LogRow[] = [];

  /** @param vm only entries about this VM; null: all @param older asked of the hosts, beyond what the fleet keeps */
  of(m: Messages, hosts: readonly Host[], vm: VmId | null, older: Older): readonly LogRow[] {
    const parts = new Map<HostId, Part>();
    let changed = hosts.length !== this.#parts.size;
    for (const host of hosts) {
      const known = this.#parts.get(host.id);
      const asked = older.get(host.id) ?? NONE;
      const from = [m, vm, host.activity, host.progress, host.vms, host.name, host.clockAhead, host.link, asked];
      const same = known?.from.every((value, at) => value === from[at]) === true;
      parts.set(host.id, known !== undefined && same ? known : { from, rows: rowsOf(m, host, vm, asked) });
      changed ||= !same;
    }
    this.#parts = parts;
    if (changed) this.#list = [...parts.values()].flatMap(({ rows }) => rows).sort(newestFirst);
    return this.#list;
  }
}

function rowsOf(m: Messages, host: Host, vm: VmId | null, older: readonly Activity[]): readonly LogRow[] {
  // What the fleet keeps is newer than what was asked for.
  const byNumber = new Map([...older, ...host.activity].map((activity) => [activity.number, activity]));
  return [...byNumber.values()]
    .filter((activity) => vm === null || activity.vm === vm)
    .map((activity) => journalRow(m, host, activity));
}
