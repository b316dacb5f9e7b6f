import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Host, Vm } from '../../model/fleet.ts';
import { mib, vcpus } from '../../model/units.ts';
import { columnsOfFleet } from '../fleet/columns-of-fleet.ts';
import { ExpectedLoad } from '../fleet/expected-load.ts';
import { DEFAULT_SETTINGS } from '../fleet/settings.ts';
import type { CpuShare } from '../../model/cpu-share.ts';
import type { PlannedStep } from './planned-step.ts';
import { newRun, WAITING, withProgress } from './progress.ts';
import type { Run } from './progress.ts';
import { undoOf } from './undo.ts';

const HOSTS = ['a', 'b', 'c'];
const CPU_SHARE = { name: 'cpu-share', live: true, means: 'cgroups', reason: null } as const;
const able = (host: Host): Host => ({ ...host, facts: host.facts && { ...host.facts, capabilities: [CPU_SHARE] } });
const survey = (places: ReadonlyMap<string, readonly Vm[]>) =>
  columnsOfFleet(
    aFleet(...HOSTS.map((host) => able(aHost(host, places.get(host) ?? [])))),
    new ExpectedLoad(),
    DEFAULT_SETTINGS,
    {
      at: 0
    }
  );
const step = (kind: PlannedStep['kind'], vm: Vm, host: string, more: Partial<PlannedStep> = {}): PlannedStep => ({
  ...{
    kind,
    vm: vm.id,
    name: vm.name,
    from: '',
    fromName: '',
    host,
    hostName: host,
    vcpus: vm.vcpus,
    memory: vm.memory
  },
  ...{ wasVcpus: 0, wasMemory: 0, share: null, mib: 0, detour: false, begins: 0, takes: 2, after: [], ...more }
});
const done = (...steps: readonly PlannedStep[]): Run =>
  steps.reduce((run, _, at) => withProgress(run, at, { ...WAITING, state: 'done' }), newRun(steps, 0));
const vm = aVm(1, { vcpus: vcpus(4), memory: mib(512) });
const on = (host: string, ...vms: readonly Vm[]) => survey(new Map([[host, vms]]));

test('what is undone leaves every VM where it was, whichever steps were done and whatever way it went', () => {
  const vms = [1, 2, 3, 4].map((n) => aVm(n));
  const ways = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.constantFrom(...HOSTS), fc.boolean()), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...HOSTS), { minLength: 4, maxLength: 4 }), ways, (begin, all) => {
      const home = new Map(vms.map(({ id }, n) => [id, begin[n]!]));
      let run = newRun([], 0);
      // Once a step of a VM is not done, none of its later ones is.
      const held = new Set<string>();
      for (const [n, to, isDone] of all) {
        const one = vms[n]!;
        const from = home.get(one.id)!;
        if (from === to) continue;
        const steps = [...run.steps, step('move', one, to, { from, fromName: from })];
        run = { ...run, steps, progress: [...run.progress, WAITING] };
        if (!isDone) held.add(one.id);
        if (held.has(one.id)) continue;
        run = withProgress(run, steps.length - 1, { ...WAITING, state: 'done' });
        home.set(one.id, to);
      }
      const places = (): Map<string, Vm[]> =>
        new Map(HOSTS.map((host) => [host, vms.filter(({ id }) => home.get(id) === host)]));
      const undo = undoOf(run, survey(places()));
      expect(undo.not).toEqual([]);
      for (const { vm: id, to } of undo.moves) home.set(id, to);
      expect(vms.map(({ id }) => home.get(id))).toEqual(begin);
      expect(new Set(undo.moves.map(({ vm: id }) => id)).size).toBe(undo.moves.length);
    })
  );
});

test('a size is taken back too, of a VM that was moved as well', () => {
  const move = step('move', vm, 'b', { from: 'a' });
  const resize = step('resize', vm, 'b', { wasVcpus: 2, wasMemory: 256 });
  const { moves, resizes, not } = undoOf(done(move, resize), on('b', vm));
  expect([moves, resizes, not]).toEqual([[{ vm: vm.id, to: 'a' }], [{ vm: vm.id, vcpus: 2, memory: 256 }], []]);
});

test('what was not done is not undone', () => {
  const run = newRun([step('move', vm, 'b', { from: 'a' })], 0);
  expect(undoOf(run, on('a', vm))).toEqual({ moves: [], resizes: [], shares: [], not: [] });
});

test.each([
  ['that was started', [step('start', vm, 'a')], on('a', vm), 'started'],
  ['that was made', [step('place', vm, 'a')], on('a', vm), 'created'],
  ['that is gone', [step('move', vm, 'b', { from: 'a' })], on('b'), { kind: 'vm-gone', vm: vm.name }],
  ['that went on', [step('move', vm, 'b', { from: 'a' })], on('c', vm), { kind: 'vm-moved', vm: vm.name, host: 'c' }],
  ['whose size nobody kept', [step('resize', vm, 'a')], on('a', vm), 'size-unknown'],
  [
    'that got another size since',
    [step('resize', vm, 'a', { wasVcpus: 2, wasMemory: 256 })],
    on('a', { ...vm, vcpus: vcpus(8) }),
    { kind: 'vm-resized', vm: vm.name }
  ],
  [
    'whose size comes at its next boot',
    [step('resize', vm, 'a', { wasVcpus: 2, wasMemory: 512 })],
    on('a', { ...vm, vcpus: vcpus(2), vcpusNext: vcpus(4) }),
    'at-next-boot'
  ]
])('a VM %s is left as it is, and named', (_, steps, now, why) => {
  expect(undoOf(done(...steps), now)).toEqual({ moves: [], resizes: [], shares: [], not: [{ vm: vm.name, why }] });
});

const CAPPED = { weight: 256, cap: 150 };
const FREE = { weight: 256, cap: null };
const capping = (to: CpuShare, was: CpuShare) => step('share', vm, 'a', { share: { to, was } });

test('a share is taken back, and the first of several is what it comes back to', () => {
  const now = on('a', { ...vm, cpuShare: FREE, tags: ['yields:30'] });
  const run = done(capping({ weight: 256, cap: 200 }, CAPPED), capping(FREE, { weight: 256, cap: 200 }));
  expect(undoOf(run, now)).toEqual({
    ...{ moves: [], resizes: [], not: [] },
    shares: [{ vm: vm.id, name: vm.name, to: CAPPED, was: FREE }]
  });
});

test.each([
  ['that somebody changed', { weight: 1, cap: null }, ['yields'], { kind: 'vm-shared', vm: vm.name }],
  ['that its tags now forbid', CAPPED, [], 'share-kept']
])('a share %s is left, and named', (_, cpuShare, tags, why) => {
  const now = on('a', { ...vm, cpuShare, tags });
  expect(undoOf(done(capping(CAPPED, FREE)), now).not).toEqual([{ vm: vm.name, why }]);
});
