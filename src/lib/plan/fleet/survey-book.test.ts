import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aFleet, aHost, maintained } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import type { Fleet, Host, Vm, VmState } from '../../model/fleet.ts';
import type { HostId } from '../../model/ids.ts';
import { bytes, mib, millis, percent, vcpus } from '../../model/units.ts';
import { columnsOfFleet } from './columns-of-fleet.ts';
import { ExpectedLoad } from './expected-load.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import type { PlanSettings } from './settings.ts';
import { SurveyBook } from './survey-book.ts';
import type { Asked, Survey } from './survey.ts';

const TAGS = ['web', 'pin', 'apart:db', 'near:db', 'spread:db:3', 'needs:x', 'gives:x', 'on:h1', 'not-at:south', 'on:'];
const STATES: readonly VmState[] = ['running', 'off', 'paused', 'crashed', 'moving'];

/** Hosts and VMs are named by numbers; what is not there is passed over. */
type Step = (fleet: Fleet, clock: number) => Fleet;

const onHost = (fleet: Fleet, n: number, change: (host: Host) => Host): Fleet => {
  const host = [...fleet.hosts.values()][n % Math.max(1, fleet.hosts.size)];
  return host === undefined ? fleet : { hosts: new Map(fleet.hosts).set(host.id, change(host)) };
};
const onVm = (fleet: Fleet, host: number, n: number, change: (vm: Vm) => Vm): Fleet =>
  onHost(fleet, host, (one) => {
    const vm = [...one.vms.values()][n % Math.max(1, one.vms.size)];
    return vm === undefined ? one : { ...one, vms: new Map(one.vms).set(vm.id, change(vm)) };
  });
const without = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Map<Key, Value> =>
  new Map([...map].filter(([each]) => each !== key));

const few = fc.nat(4);
const step: fc.Arbitrary<Step> = fc.oneof(
  // Loads, of a VM that may be on another host, on two, or on none.
  fc.tuple(few, fc.nat(12), fc.nat(100)).map(
    ([host, vm, cpu]): Step =>
      (fleet, clock) =>
        onHost(fleet, host, (one) => {
          const { id } = aVm(vm);
          const rest = { diskRead: null, diskWrite: null, netReceive: null, netTransmit: null };
          const load = { vm: id, at: millis(clock), cpu: percent(cpu), memoryUsed: mib(cpu), ...rest };
          return { ...one, vmLoads: new Map(one.vmLoads).set(id, load) };
        })
  ),
  fc.tuple(few, fc.nat(12)).map(
    ([host, vm]): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({ ...one, vmLoads: without(one.vmLoads, aVm(vm).id) }))
  ),
  fc.tuple(few, few, fc.constantFrom(...STATES)).map(
    ([host, vm, state]): Step =>
      (fleet) =>
        onVm(fleet, host, vm, (one) => ({ ...one, state }))
  ),
  fc.tuple(few, few, fc.subarray(TAGS)).map(
    ([host, vm, tags]): Step =>
      (fleet) =>
        onVm(fleet, host, vm, (one) => ({ ...one, tags }))
  ),
  fc.tuple(few, few, fc.nat(8)).map(
    ([host, vm, cpus]): Step =>
      (fleet) =>
        onVm(fleet, host, vm, (one) => ({ ...one, vcpus: vcpus(cpus) }))
  ),
  // From one host to the end of another; to be on two hosts for a while is possible.
  fc.tuple(few, few, few, fc.boolean()).map(([from, n, to, leaves]): Step => (fleet) => {
    const host = [...fleet.hosts.values()][from % Math.max(1, fleet.hosts.size)];
    const vm = [...(host?.vms.values() ?? [])][n];
    if (vm === undefined) return fleet;
    const gone = leaves ? onHost(fleet, from, (one) => ({ ...one, vms: without(one.vms, vm.id) })) : fleet;
    return onHost(gone, to, (one) => ({ ...one, vms: new Map(one.vms).set(vm.id, vm) }));
  }),
  fc.tuple(few, fc.nat(12)).map(
    ([host, vm]): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({ ...one, vms: new Map(one.vms).set(aVm(vm).id, aVm(vm, { name: `n${vm}` })) }))
  ),
  fc.tuple(few, fc.nat(12)).map(
    ([host, vm]): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({ ...one, vms: without(one.vms, aVm(vm).id) }))
  ),
  few.map((host): Step => (fleet) => ({
    hosts: new Map(fleet.hosts).set(`h${host}` as HostId, aHost(`h${host}`, [], { site: host % 2 ? 'north' : 'south' }))
  })),
  few.map((host): Step => (fleet) => ({ hosts: without(fleet.hosts, `h${host}` as HostId) })),
  // What a host offers, and whether it can be reached.
  fc.tuple(few, fc.constantFrom('online', 'offline')).map(
    ([host, link]): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({ ...one, link: link }))
  ),
  few.map(
    (host): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({ ...one, networks: [] }))
  ),
  few.map(
    (host): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({ ...one, facts: null }))
  ),
  few.map(
    (host): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => maintained(one))
  ),
  fc.tuple(few, fc.nat(4)).map(
    ([host, gib]): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({
          ...one,
          pools: one.pools.map((pool) => ({ ...pool, free: bytes(gib * 2 ** 30) }))
        }))
  ),
  few.map(
    (host): Step =>
      (fleet) =>
        onHost(fleet, host, (one) =>
          one.facts === null ? one : { ...one, facts: { ...one.facts, accelerator: 'kvm' } }
        )
  ),
  few.map(
    (host): Step =>
      (fleet) =>
        onHost(fleet, host, (one) => ({ ...one, site: 'west' }))
  )
);

const wanted = fc.array(
  fc.record({
    name: fc.constantFrom('new', 'other'),
    vcpus: fc.nat(4),
    memory: fc.nat(4096),
    disk: fc.nat(100),
    image: fc.constantFrom('tiny', null),
    networks: fc.constantFrom([], ['lan']),
    pools: fc.constant([]),
    tags: fc.subarray(TAGS)
  }),
  { maxLength: 2 }
);
const settings: fc.Arbitrary<PlanSettings> = fc
  .record({ overcommit: fc.constantFrom(2, 4) })
  .map(({ overcommit }) => ({ ...DEFAULT_SETTINGS, overcommit }));
const moment = fc.record(
  {
    steps: fc.array(step, { maxLength: 3 }),
    wanted,
    settings,
    north: fc.constant(true),
    resized: fc.nat(12)
  },
  { requiredKeys: ['steps'] }
);

const plain = ({ unsuited, ...rest }: Survey) => ({
  ...rest,
  unsuited: rest.vms.map((_, vm) => rest.hosts.map((__, host) => unsuited(vm, host)))
});

test('whatever changes, a survey that is made of the one before equals one made anew, and those before stay as they were', () => {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 8 }), (moments) => {
      const book = new SurveyBook();
      const expected = new ExpectedLoad();
      let fleet = aFleet(
        ...[0, 1, 2].map((n) => aHost(`h${n}`, [aVm(n), aVm(n + 3)], { site: n % 2 ? 'north' : 'south' }))
      );
      let now = DEFAULT_SETTINGS;
      const before: { survey: Survey; was: Pick<Survey, 'columns' | 'held'> }[] = [];
      for (const [clock, one] of moments.entries()) {
        for (const [n, next] of one.steps.entries()) {
          fleet = next(fleet, 1_000 * clock + n + 1);
          // As the tab does between two plans.
          if (n > 0) book.observe(fleet);
          if (n > 0) expected.observe(fleet);
        }
        now = one.settings ?? now;
        const asked: Asked = {
          at: clock,
          ...(one.wanted && { wanted: one.wanted }),
          ...(one.north && { scope: (_: Vm, host: Host) => host.site === 'north' }),
          ...(one.resized !== undefined && {
            resizes: [{ vm: aVm(one.resized).id, vcpus: 7, memory: 777 }]
          })
        };
        expected.observe(fleet);
        const survey = book.survey(fleet, now, asked);
        expect(plain(survey)).toEqual(plain(columnsOfFleet(fleet, expected, now, asked)));
        const { columns, held } = survey;
        before.push({ survey, was: structuredClone({ columns, held }) });
      }
      for (const { survey, was } of before) expect(survey).toMatchObject(was);
    }),
    { numRuns: 100 }
  );
});
