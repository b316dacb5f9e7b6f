// A bulk in words: how it stands, and why a VM is left out.
import type { Obstacle } from '#lib/app/bulk/bulk.ts';
import { BULK_STATUSES, type BulkRun } from '#lib/app/bulk/run.svelte.ts';
import type { Messages } from '#lib/messages/messages.ts';

export function obstacleWords({ common, table: { bulk } }: Messages, why: Obstacle): string {
  switch (why.code) {
    case 'state':
      return bulk.why.state(common.vmState[why.state]);
    case 'role':
      return bulk.why.role(common.role[why.role]);
    case 'host':
      return why.reason ?? bulk.why.host;
    case 'link':
    case 'protected':
    case 'unmanaged':
      return bulk.why[why.code];
  }
}

/** “17 done, 2 refused, 1 failed”. */
export const countWords = ({ common, table: { bulk } }: Messages, { counts }: BulkRun): string =>
  BULK_STATUSES.filter((status) => counts[status] > 0)
    .map((status) => bulk.counted(counts[status], bulk.status[status]))
    .join(common.comma);

/** “Shut down: 17 done, 2 refused, 1 failed”. */
export const bulkWords = (m: Messages, run: BulkRun): string =>
  `${m.table.action[run.action]}${m.common.colon}${countWords(m, run)}`;
