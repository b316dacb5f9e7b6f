import { expect, test } from 'vitest';
import { aFleet, aHost, maintained } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Activity, Capability, Host, Vm, VmState } from '../../model/fleet.ts';
import { mib, vcpus } from '../../model/units.ts';
import { columnsOfFleet } from '../fleet/columns-of-fleet.ts';
import { ExpectedLoad } from '../fleet/expected-load.ts';
import { DEFAULT_SETTINGS } from '../fleet/settings.ts';
import type { PlannedStep } from './planned-step.ts';
import { checkStep } from './step-check.ts';

const off = aVm(1, { state: 'off', vcpus: vcpus(1), memory: mib(256) });
const on = aVm(2, { vcpus: vcpus(1), memory: mib(256), vcpusMax: vcpus(4), memoryMax: mib(1024) });
const fleet = aFleet(aHost('a', [off, on]), aHost('b', []), aHost('c', [], { link: 'offline' }));
const survey = (of = fleet, closed: readonly string[] = []) =>
  columnsOfFleet(
    aFleet(...[...of.hosts.values()].map((host) => (closed.includes(host.id) ? maintained(host) : host))),
    new ExpectedLoad(),
    DEFAULT_SETTINGS,
    { at: 0 }
  );
const step = (kind: PlannedStep['kind'], vm = on, more: Partial<PlannedStep> = {}): PlannedStep => ({
  ...{ kind, vm: vm.id, name: vm.name, from: '', fromName: '', host: 'a', hostName: 'a' },
  ...{
    vcpus: 2,
    memory: 512,
    wasVcpus: 0,
    wasMemory: 0,
    share: null,
    mib: 0,
    detour: false,
    begins: 0,
    takes: 2,
    after: [],
    ...more
  }
});
const HUGE = 1e9;

test('a step can be done where nothing has changed', () => {
  for (const one of [step('start', off), step('resize'), step('place', on, { name: 'new', vm: 'new' })])
    expect(checkStep(survey(), one)).toEqual({ is: 'free' });
  expect(checkStep(survey(), step('move', on, { from: 'a', host: 'b' }))).toEqual({ is: 'free' });
});

test('what is so already is done, whoever did it; a size of the next boot too', () => {
  const next = { ...on, vcpusNext: vcpus(2), memory: mib(512) };
  expect(checkStep(survey(), step('start'))).toEqual({ is: 'done' });
  expect(checkStep(survey(aFleet(aHost('a', [next]))), step('resize'))).toEqual({ is: 'done' });
  expect(checkStep(survey(), step('place', on, { vm: on.name }))).toEqual({ is: 'done' });
  expect(checkStep(survey(), step('move', on, { from: 'b' }))).toEqual({ is: 'done' });
});

test('a move is under way while its hosts say so, done when it has arrived and left, and not known while its source is away', () => {
  const move = step('move', on, { from: 'a', fromName: 'A', host: 'b', hostName: 'b' });
  const at = (state: VmState) => ({ ...on, state });
  const of = (a: readonly Vm[], b: readonly Vm[], more: Partial<Host> = {}) =>
    checkStep(survey(aFleet(aHost('a', a, more), aHost('b', b))), move);
  const sends = { op: 'vm.migrate', vm: on.id, status: 'running' } as Activity;
  expect(of([at('moving')], [])).toEqual({ is: 'under-way' });
  expect(of([on], [], { activity: [sends] })).toEqual({ is: 'under-way' });
  expect(of([on], [], { activity: [{ ...sends, status: 'failed' }] })).toEqual({ is: 'free' });
  expect(of([on], [at('starting')])).toEqual({ is: 'under-way' });
  expect(of([on], [on])).toEqual({ is: 'under-way' });
  expect(of([], [on])).toEqual({ is: 'done' });
  expect(of([], [at('off')])).toEqual({ is: 'done' });
  expect(of([at('moving')], [on], { link: 'offline' })).toEqual({ is: 'done' });
  const away = { is: 'stopped', change: { kind: 'host-offline', host: 'a' }, lacks: null };
  expect(of([on], [], { link: 'offline' })).toEqual(away);
  expect(of([], [], { link: 'offline' })).toMatchObject({ change: { kind: 'host-offline', host: 'A' } });
  expect(of([], [])).toMatchObject({ change: { kind: 'vm-gone' } });
});

test.each<[string, PlannedStep, unknown]>([
  ['its host has gone', step('start', off, { host: 'x', hostName: 'X' }), { kind: 'host-gone', host: 'X' }],
  ['its host is away', step('place', off, { host: 'c', hostName: 'C' }), { kind: 'host-offline', host: 'C' }],
  ['its VM has gone', step('start', off, { vm: 'gone', name: 'web' }), { kind: 'vm-gone', vm: 'web' }],
  ['its VM is elsewhere', step('resize', on, { host: 'b' }), { kind: 'vm-moved', vm: on.name, host: 'a' }]
])('it is stopped when %s', (_, one, change) => {
  expect(checkStep(survey(), one)).toEqual({ is: 'stopped', change, lacks: null });
});

test('nothing is started on a host in maintenance, and nothing where there is no room any more', () => {
  expect(checkStep(survey(fleet, ['a']), step('start', off))).toMatchObject({ change: { kind: 'host-maintenance' } });
  expect(checkStep(survey(fleet, ['a']), step('resize'))).toEqual({ is: 'free' });
  expect(checkStep(survey(), step('resize', on, { memory: HUGE }))).toMatchObject({
    change: null,
    lacks: { kind: 'lacks', resource: 'memory' }
  });
});

test('a share is given while the VM has the one the plan saw, on a host that can; even in maintenance', () => {
  const [to, was] = [
    { weight: 256, cap: 50 },
    { weight: 256, cap: null }
  ];
  const one = step('share', on, { share: { to, was } });
  const able = { name: 'cpu-share', live: true, means: 'cgroups', reason: null } as const;
  const now = (
    cpuShare: Vm['cpuShare'],
    capabilities: readonly Capability[] = [able],
    closed: readonly string[] = []
  ) => {
    const host = aHost('a', [{ ...on, cpuShare }]);
    return survey(aFleet({ ...host, facts: host.facts && { ...host.facts, capabilities } }), closed);
  };
  expect(checkStep(now(was), one)).toEqual({ is: 'free' });
  expect(checkStep(now(was, [able], ['a']), one)).toEqual({ is: 'free' });
  expect(checkStep(now(to), one)).toEqual({ is: 'done' });
  const shared = { kind: 'vm-shared', vm: on.name };
  expect(checkStep(now({ weight: 256, cap: 70 }), one)).toEqual({ is: 'stopped', change: shared, lacks: null });
  for (const none of [[], [{ ...able, live: false }]])
    expect(checkStep(now(was, none), one)).toEqual({ is: 'stopped', change: null, lacks: { kind: 'no-shares' } });
});
