import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Messages } from '#lib/messages/messages.ts';
import { zh } from '#lib/messages/zh.ts';
import { Fault } from '#lib/model/fault.ts';
import type { Activity, Fleet, Host } from '#lib/model/fleet.ts';
import type { CommandId } from '#lib/model/ids.ts';
import { emptyReply, faultFromWire, faultToWire } from '#lib/protocol/codec.ts';
import type { Reply } from '#lib/protocol/schema.ts';
import type { Client } from '#lib/session/client.ts';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { deleteVm } from '../jobs/delete-vm.ts';
import { power } from '../jobs/power.ts';
import { taskWords, type Task } from './task.ts';
import { Tasks } from './tasks.svelte.ts';

const VM = aVm(1, { name: 'db-1' });
const HOST = aHost('n1', [VM]);
const ID = '00000000-0000-4000-8000-000000000000' as CommandId;

/** Tasks over a client that answers with `answer`, what was sent and has ended, and how the fleet is told. */
function tasks(answer: () => Promise<Reply>, messages: () => Promise<Messages> = () => Promise.resolve(en)) {
  const sent: unknown[] = [];
  const ended: Task[] = [];
  const listeners = new Set<(fleet: Fleet) => void>();
  const client = {
    onFleet: (listener: (fleet: Fleet) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    run: (...call: unknown[]) => {
      sent.push(call);
      return answer();
    }
  } as unknown as Client; // only these are used
  let now = 1000;
  const list = new Tasks(
    () => client,
    (reply) => (reply.fault === null ? null : faultFromWire(reply.fault)),
    () => (now += 250),
    messages,
    (task) => ended.push(task)
  );
  const tell = (host: Host): void => {
    for (const listener of [...listeners]) listener({ hosts: new Map([[host.id, host]]) });
  };
  return { list, sent, ended, tell };
}

test('a command that was carried out is done, with its journal number, effects and duration', async () => {
  const effect = {
    resource: 'power',
    asked: 'paused',
    seen: 'paused',
    by: 'guest-agent',
    when: 'now',
    note: null
  } as const;
  const { list, sent } = tasks(() => Promise.resolve({ ...emptyReply(ID, 'done'), journal: 41, effects: [effect] }));
  const { task } = await list.start(power('pause'), { host: HOST, vm: VM }, null);
  expect(sent).toEqual([['n1', 'vm.pause', { vm: VM.id }, { expect: null, id: task.command, note: null }]]);
  expect(task).toMatchObject({ status: 'done', journal: 41, startedAt: 1250, endedAt: 1500 });
  expect(taskWords(en, task)).toBe('Pause db-1: guest confirms paused');
  expect(taskWords(zh, task)).toBe('暂停 db-1：客户机确认 已暂停');
  expect(list.list).toEqual([task]);
});

test('a command whose checks cannot be loaded is not sent, and its task ends with why', async () => {
  const { list, sent, ended } = tasks(
    () => Promise.resolve(emptyReply(ID, 'done')),
    () => Promise.reject(new TypeError('Failed to fetch dynamically imported module'))
  );
  const { task, reply } = await list.start(power('pause'), { host: HOST, vm: VM }, null);
  expect([sent, reply, list.running]).toEqual([[], null, []]);
  expect(task).toMatchObject({ status: 'refused', fault: { code: 'not-sent' } });
  expect(ended).toEqual([task]);
});

test('a refusal of the host is a refused task with the reason and advice, and stays open until waved away', async () => {
  const fault = faultToWire(new Fault('busy', { what: 'db-1', by: 'another command' }));
  const { list } = tasks(() => Promise.resolve({ ...emptyReply(ID, 'refused'), fault }));
  const { task } = await list.start(power('pause'), { host: HOST, vm: VM }, null);
  expect(task.status).toBe('refused');
  expect(task.fault?.code).toBe('busy');
  expect(list.openFailures(VM.id)).toHaveLength(1);
  list.dismiss(task.id);
  expect(list.openFailures(VM.id)).toEqual([]);
  expect(list.list).toHaveLength(1);
});

test('a failure is open until the same has been done to the VM: another command, or to another VM, leaves it', async () => {
  const other = aVm(2, { name: 'db-2' });
  const fault = faultToWire(new Fault('busy', { what: 'db-1', by: 'another command' }));
  const answers: Reply[] = [{ ...emptyReply(ID, 'refused'), fault }];
  const { list } = tasks(() => Promise.resolve(answers.shift() ?? emptyReply(ID, 'done')));
  await list.start(power('pause'), { host: HOST, vm: VM }, null);
  await list.start(power('reboot'), { host: HOST, vm: VM }, null);
  await list.start(power('pause'), { host: HOST, vm: other }, null);
  expect(list.openFailures(VM.id)).toHaveLength(1);
  await list.start(power('pause'), { host: HOST, vm: VM }, null);
  expect(list.openFailures(VM.id)).toEqual([]);
  expect(list.list).toHaveLength(4);
});

test('what the tab sees to be impossible is not sent, and said once', async () => {
  const { list, sent } = tasks(() => Promise.resolve(emptyReply(ID, 'done')));
  const { task } = await list.start(power('resume'), { host: HOST, vm: VM }, null);
  expect(sent).toEqual([]);
  expect(task).toMatchObject({ status: 'refused', fault: { code: 'not-sent' } });
  expect(taskWords(en, task)).toBe('Resume db-1: db-1 is running; this needs it paused');
});

test('without a link nothing is sent, and the task says since when', async () => {
  const { list, sent } = tasks(() => Promise.reject(new Error('must not be called')));
  const { task, reply } = await list.start(power('pause'), { host: { ...HOST, link: 'offline' }, vm: VM }, null);
  expect(sent).toEqual([]);
  expect(reply).toBeNull();
  expect(task).toMatchObject({ status: 'refused', fault: { code: 'offline' } });
});

test('what does not make sense is not sent', async () => {
  const { list, sent } = tasks(() => Promise.reject(new Error('must not be called')));
  const { task } = await list.start(deleteVm, { host: HOST, vm: VM }, { deleteDisks: false });
  expect(sent).toEqual([]);
  expect(task.fault?.message).toMatch(/shut it down/);
});

test('a command whose answer never came is unknown, not failed', async () => {
  const { list, ended } = tasks(() => Promise.reject(new Fault('unanswered', { host: 'n1', op: 'vm.pause' })));
  const { task } = await list.start(power('pause'), { host: HOST, vm: VM }, null);
  expect(task.status).toBe('unknown');
  expect(ended).toEqual([task]);
});

test('what came of an unanswered command is asked for once its host has it in its journal, and not before', async () => {
  const answers = [
    () => Promise.reject(new Fault('unanswered', { host: 'n1', op: 'vm.pause' })),
    () => Promise.resolve({ ...emptyReply(ID, 'done'), journal: 7 })
  ];
  const { list, sent, ended, tell } = tasks(() => answers.shift()?.() ?? Promise.reject(new Error('asked too often')));
  const { task } = await list.start(power('pause'), { host: HOST, vm: VM }, null);
  expect(task.status).toBe('unknown');
  tell(HOST);
  expect(sent).toHaveLength(1);
  const activity = { command: task.command } as Activity;
  tell({ ...HOST, link: 'offline', activity: [activity] });
  expect(sent).toHaveLength(1);
  tell({ ...HOST, activity: [activity] });
  expect(list.list[0]?.status).toBe('running');
  await expect.poll(() => list.list[0]).toMatchObject({ id: task.id, status: 'done', journal: 7, fault: null });
  tell({ ...HOST, activity: [activity] });
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
  expect(ended.map(({ status }) => status)).toEqual(['unknown', 'done']);
});

test('running tasks are listed while they run, and clearing leaves them', async () => {
  let finish: (reply: Reply) => void = () => undefined;
  const { list, sent } = tasks(() => new Promise((resolve) => (finish = resolve)));
  const first = list.start(power('pause'), { host: HOST, vm: VM }, null);
  expect(list.running.map((task) => task.title(en))).toEqual(['Pause db-1']);
  list.clearFinished();
  expect(list.list).toHaveLength(1);
  await expect.poll(() => sent).toHaveLength(1);
  finish(emptyReply(ID, 'done'));
  await first;
  list.clearFinished();
  expect(list.list).toEqual([]);
});
