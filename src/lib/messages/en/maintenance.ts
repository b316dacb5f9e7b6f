// Maintenance of a host: entering it, emptying the host, leaving it.
import { plural } from '../plural.ts';

const many = plural('en');

/** “2 VMs are off”, “1 VM is saved”, “2 VMs are off and 1 is saved”. */
function inactive(off: number, saved: number): string {
  if (saved === 0) return many(off, { one: '# VM is off', other: '# VMs are off' });
  if (off === 0) return many(saved, { one: '# VM is saved', other: '# VMs are saved' });
  return `${many(off, { one: '# VM is off', other: '# VMs are off' })} and ${many(saved, { one: '# is saved', other: '# are saved' })}`;
}

export const maintenance = {
  enter: 'Enter maintenance…',
  enterTitle: (host: string) => `Maintenance of ${host}`,
  enterNow: 'Enter maintenance',
  help: 'From now on no VM comes to this host and none is started on it, from any tab or terminal. What runs goes on, and can be moved away.',
  reason: 'Reason',
  reasonHint: 'Shown to everyone who looks at the host.',
  moveAway: (n: number) => many(n, { one: 'Move its VM to another host', other: 'Move its # VMs to other hosts' }),
  planning: 'Working out where its VMs can go…',
  noPlan: (why: string) => `It could not be worked out where its VMs can go: ${why}. They can be moved by hand.`,
  noScheduler: 'no scheduler can be used (Settings, plugins)',
  going: (moves: number, copied: string, time: string) =>
    `${many(moves, { one: '# move', other: '# moves' })}, ${copied} to copy, about ${time}.`,
  goes: (vm: string, host: string) => `${vm} → ${host}`,
  more: (n: number) => `and ${n} more`,
  nothingRuns: 'Nothing runs here.',
  moveOff: (n: number) =>
    many(n, {
      one: 'Also move its VM that is off: its disks are copied, and it stays off',
      other: 'Also move its # VMs that are off: their disks are copied, and they stay off'
    }),
  off: (off: number, saved: number) => `${inactive(off, saved)}: ${off + saved === 1 ? 'it stays' : 'they stay'}.`,
  staying: (n: number) => many(n, { one: '# VM stays:', other: '# VMs stay:' }),
  stays: (vm: string, why: string) => `${vm}: ${why}`,
  noRoom: 'no other host can have it',
  refused: 'Nothing was changed.',

  since: (when: string, age: string, by: string, reason: string) =>
    `In maintenance since ${when} (${age}), by ${by}${reason === '' ? '' : `: ${reason}`}`,
  empty: 'No VM is here.',
  onlyOff: (off: number, saved: number) => `Nothing runs here; ${inactive(off, saved)}.`,
  stillHere: (n: number) => many(n, { one: '# VM still runs here.', other: '# VMs still run here.' }),
  emptyIt: 'Empty it…',
  noneComes: 'No VM comes here during the maintenance',
  noneComesHelp: 'Once the maintenance has ended, VMs can be created here, moved here and started here again.',

  leave: 'Leave maintenance…',
  leaveTitle: (host: string) => `End the maintenance of ${host}`,
  leaveNow: 'Leave maintenance',
  leaveHelp: 'VMs may come again and be started here.',
  refill: (n: number) =>
    many(n, { one: 'Bring back the VM that was moved away', other: 'Bring back the # VMs that were moved away' }),
  refillHelp:
    'Those that this browser moved away in this maintenance, and that are still where it put them. It is a plan of its own.',
  from: (host: string) => `from ${host}`,
  nothingToRefill: (host: string) =>
    `This browser knows of no VM that was moved away from ${host} in this maintenance and could come back. A rebalancing plan would use it again.`
};
