import { expect, test } from 'vitest';
import { aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Host, Vm } from '#lib/model/fleet.ts';
import { Fault } from '#lib/model/fault.ts';
import { planBulk } from './bulk.ts';
import { BulkRun, type Execute } from './run.svelte.ts';
import { Bulks } from './bulks.svelte.ts';
import type { Placed } from '../fleet/view.svelte.ts';

const placed = (vm: Vm, host: Host = aHost('n1', [vm])): Placed => ({ host, vm });
const running = placed(aVm(1));
const off = placed(aVm(2, { state: 'off' }));

test('only those whose state allows it are taken, and the others say why', () => {
  expect(planBulk('start', [running, off])).toEqual({
    action: 'start',
    fits: [off],
    skipped: [{ placed: running, why: { code: 'state', state: 'running' } }]
  });
  expect(planBulk('delete', [running, off]).fits).toEqual([off]);
});

test('without a link, the role or the ability of the host nothing is sent', () => {
  const vm = aVm(1);
  const whys = [aHost('n1', [vm], { link: 'offline' }), aHost('n1', [vm], { role: 'viewer' }), abilities('n1', vm)].map(
    (host) => planBulk('pause', [placed(vm, host)]).skipped[0]?.why
  );
  expect(whys).toEqual([{ code: 'link' }, { code: 'role', role: 'viewer' }, { code: 'host', reason: 'no pause here' }]);
});

test('a protected VM is not deleted', () => {
  const guarded = placed(Object.assign(aVm(3, { state: 'off' }), { protected: true }));
  expect(planBulk('delete', [guarded]).skipped).toEqual([{ placed: guarded, why: { code: 'protected' } }]);
});

test('saved VMs are started, discarded, tagged and deleted; running ones are saved where their host can', () => {
  const saved = placed(aVm(5, { state: 'saved' }));
  const all = [running, off, saved];
  expect(planBulk('start', all).fits).toEqual([off, saved]);
  expect(planBulk('save', all).fits).toEqual([running]);
  expect(planBulk('discard-saved', all).fits).toEqual([saved]);
  expect(planBulk('delete', all).fits).toEqual([off, saved]);
  expect(planBulk('tag', all).fits).toEqual(all);
  for (const action of ['shutdown', 'reboot', 'pause', 'resume', 'power-off'] as const) {
    expect(planBulk(action, [saved]).skipped).toEqual([{ placed: saved, why: { code: 'state', state: 'saved' } }]);
  }
});

test('a VM that another tool made is left out, whatever shall be done', () => {
  const past = placed(aVm(4, { unmanaged: 'xl' }));
  for (const action of ['tag', 'shutdown', 'delete'] as const) {
    expect(planBulk(action, [past]).skipped).toEqual([{ placed: past, why: { code: 'unmanaged' } }]);
  }
});

function abilities(name: string, vm: Vm): Host {
  const host = aHost(name, [vm]);
  if (host.facts === null) throw new Error('no facts');
  const pause = { name: 'pause', live: false, means: 'none', reason: 'no pause here' } as const;
  return { ...host, facts: { ...host.facts, capabilities: [pause] } };
}

/** `count` VMs spread over `hosts` hosts, and a way to end each by hand. */
function lab(count: number, hosts: number) {
  const all = Array.from({ length: count }, (_, n) => {
    const vm = aVm(n);
    return placed(vm, aHost(`h${n % hosts}`, [vm]));
  });
  const open: { readonly name: string; readonly end: (status: 'done' | 'failed' | 'unknown') => void }[] = [];
  const execute: Execute = ({ vm }) =>
    new Promise((resolve) => {
      const end = (status: 'done' | 'failed' | 'unknown'): void =>
        resolve({ status, fault: status === 'failed' ? new Fault('internal', { reason: 'x' }) : null });
      open.push({ name: vm.name, end });
    });
  const ends: BulkRun[] = [];
  const bulks = new Bulks();
  const find = (id: string): Placed | null => all.find(({ vm }) => vm.id === id) ?? null;
  const run = bulks.keep(new BulkRun(planBulk('shutdown', all), find, execute, (ended) => ends.push(ended)));
  return { run, bulks, open, ends };
}

test('at most eight run at a time, and two on one host; the next begins when one has ended', async () => {
  const wide = lab(30, 30);
  expect(wide.run.counts).toMatchObject({ running: 8, waiting: 22 });
  const narrow = lab(10, 2);
  expect(narrow.run.counts).toMatchObject({ running: 4, waiting: 6 });
  narrow.open[0]?.end('done');
  await expect.poll(() => narrow.run.counts).toMatchObject({ running: 4, waiting: 5, done: 1 });
  expect(narrow.open.at(-1)?.name).toBe('vm4');
});

test('each has its own end; only what failed is tried again, and an unknown end never is', async () => {
  const { run, open, ends } = lab(3, 3);
  for (const [index, status] of (['done', 'failed', 'unknown'] as const).entries()) open[index]?.end(status);
  await expect.poll(() => ends).toEqual([run]);
  expect(run.items.map(({ status }) => status)).toEqual(['done', 'failed', 'unknown']);
  run.retry();
  expect(open.slice(3).map(({ name }) => name)).toEqual(['vm1']);
  open[3]?.end('done');
  await expect.poll(() => run.counts).toMatchObject({ done: 2, unknown: 1, failed: 0 });
});

test('a stopped bulk lets those that run end, and begins no other', async () => {
  const { run, bulks, open, ends } = lab(10, 1);
  expect(bulks.waiting).toBe(true);
  run.stop();
  expect(bulks.waiting).toBe(false);
  for (const each of open) each.end('done');
  await expect.poll(() => ends.length).toBe(1);
  expect(run.counts).toMatchObject({ done: 2, stopped: 8 });
});

test('a VM that is gone by its turn fails by itself', async () => {
  const run = new BulkRun(
    planBulk('shutdown', [running]),
    () => null,
    () => Promise.reject(new Error('not reached')),
    () => undefined
  );
  await expect.poll(() => run.ended).toBe(true);
  expect(run.items[0]?.fault?.code).toBe('not-found');
});
