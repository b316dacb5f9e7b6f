import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { Fault } from '#lib/model/fault.ts';
import type { CommandId } from '#lib/model/ids.ts';
import { emptyReply, faultFromWire, faultToWire } from '#lib/protocol/codec.ts';
import type { Op, Reply } from '#lib/protocol/schema.ts';
import type { Client } from '#lib/session/client.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { FleetView } from '../fleet/view.svelte.ts';
import { movePinned } from './pin.ts';
import { Tasks } from '../tasks/tasks.svelte.ts';

const ID = '00000000-0000-4000-8000-000000000000' as CommandId;
const VM = aVm(1, { name: 'db-1', state: 'running', tags: ['db', 'pin:2001-01-01T00:00Z'] });
const [HERE, THERE] = [aHost('n1', [VM]), aHost('n2', [])];
const OPTIONS = { bandwidth: null, autoConverge: true, downtime: null };
const BUSY = new Fault('busy', { what: 'db-1', by: '“Move db-1 to n3” of Ada' });
const PERMIT = { url: 'https://n2:4433', pin: 'p', token: 't', expiresAt: 0 };

/** Moves it; what was sent, as the hosts got it. */
async function moved(minutes: number, broke: Fault | null, busy: Op | null = null) {
  const sent: (readonly [host: string, op: Op, tags: readonly string[] | null])[] = [];
  const leading: boolean[] = [];
  const client = {
    onFleet: () => () => undefined,
    run: (host: string, op: Op, args: { readonly tags?: readonly string[] }): Promise<Reply> => {
      sent.push([host, op, args.tags ?? null]);
      leading.push(tasks.leading);
      const done = emptyReply(ID, 'done');
      if (op === busy) return Promise.resolve({ ...emptyReply(ID, 'refused'), fault: faultToWire(BUSY) });
      if (op === 'migration.prepare') return Promise.resolve({ ...done, permit: PERMIT } as unknown as Reply);
      if (op === 'vm.migrate' && broke !== null)
        return Promise.resolve({ ...emptyReply(ID, 'failed'), fault: faultToWire(broke) });
      return Promise.resolve(done);
    }
  } as unknown as Client; // only these are used
  const tasks = new Tasks(
    () => client,
    (reply) => (reply.fault === null ? null : faultFromWire(reply.fault)),
    Date.now,
    () => Promise.resolve(en),
    () => undefined
  );
  const fleet = { host: () => THERE, vm: () => ({ host: HERE, vm: VM }) } as unknown as FleetView; // only these are used
  const app = { tasks, fleet };
  const task = await movePinned(app, { host: HERE, vm: VM }, THERE, OPTIONS, minutes);
  return { sent, leading, status: task.status, task, tasks };
}

test('a VM that is moved by hand is pinned before it leaves', async () => {
  const { sent, status } = await moved(60, null);
  expect(status).toBe('done');
  expect(sent.map(([host, op]) => [host, op])).toEqual([
    ['n1', 'vm.set-tags'],
    ['n2', 'migration.prepare'],
    ['n1', 'vm.migrate']
  ]);
  expect(sent[0]?.[2]).toEqual(['db', expect.stringMatching(/^pin:20\d\d-\d\d-\d\dT\d\d:\d\dZ$/)]);
});

test('until its host has been told to send it, the tab is not to be closed', async () => {
  const { leading, tasks } = await moved(60, null);
  expect(leading).toEqual([true, true, false]);
  expect((await moved(0, null)).leading).toEqual([true, false]);
  expect((await moved(60, null, 'vm.set-tags')).tasks.leading).toBe(false);
  expect(tasks.leading).toBe(false);
});

test('one that stays where it was has the tags it had, without pins that are over', async () => {
  const { sent, status } = await moved(60, new Fault('passage-lost', { host: 'n2', left: 'it goes on here' }));
  expect(status).toBe('failed');
  expect(sent.at(-1)).toEqual(['n1', 'vm.set-tags', ['db']]);
});

test('a VM that another command is about is not moved: one action, one note', async () => {
  const { sent, task, tasks } = await moved(60, null, 'vm.set-tags');
  expect(sent.map(([, op]) => op)).toEqual(['vm.set-tags']);
  expect(tasks.openFailures(VM.id)).toEqual([task]);
  expect(task.title(en)).toBe('Pin db-1 for its move to n2');
});

test('one that another command took while it was being prepared for keeps its pin: one note', async () => {
  const { sent, task, tasks } = await moved(60, null, 'vm.migrate');
  expect(sent.map(([, op]) => op)).toEqual(['vm.set-tags', 'migration.prepare', 'vm.migrate', 'migration.release']);
  expect(tasks.openFailures(VM.id)).toEqual([task]);
});

test('given once more, the whole move is: room, pin and permit are made anew', async () => {
  const { sent, task, tasks } = await moved(60, null, 'vm.migrate');
  sent.length = 0;
  await tasks.retry(task, { host: HERE, vm: VM });
  expect(sent.map(([, op]) => op)).toEqual(['vm.set-tags', 'migration.prepare', 'vm.migrate', 'migration.release']);
});

test('without minutes nothing is said of it', async () => {
  const { sent } = await moved(0, null);
  expect(sent.map(([, op]) => op)).toEqual(['migration.prepare', 'vm.migrate']);
});
