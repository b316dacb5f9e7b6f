// Why a VM is left out of a bulk, in words.
import type { Obstacle } from '#lib/app/bulk.ts';
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
      return bulk.why[why.code];
  }
}
