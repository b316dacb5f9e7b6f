import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostId, VmId } from '../../model/ids.ts';
import { NEW_REQUEST, PLAN_KINDS, imagined, readRequest } from './request.ts';
import type { BranchChange, PlanRequest } from './request.ts';

const host = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/).map((id) => id as HostId);
const vm = fc.uuid().map((id) => id as VmId);
const count = fc.integer({ min: 1, max: 1_000 });
const change: fc.Arbitrary<BranchChange> = fc.oneof(
  fc.record({ what: fc.constantFrom('drain', 'lose'), host }),
  fc.record({ what: fc.constant('lose-site' as const), site: fc.string({ maxLength: 20 }) }),
  fc.record({ what: fc.constant('add-hosts' as const), like: host, count }),
  fc.record({ what: fc.constant('add-vms' as const), like: vm, count }),
  fc.record({ what: fc.constant('busier' as const), factor: fc.double({ min: 0, max: 100, noNaN: true }) })
);
const requests: fc.Arbitrary<PlanRequest> = fc.record({
  scope: fc.oneof(
    fc.record({ kind: fc.constant('all' as const) }),
    fc.record({ kind: fc.constant('site' as const), site: fc.string({ maxLength: 20 }) }),
    fc.record({ kind: fc.constant('hosts' as const), hosts: fc.array(host, { maxLength: 4 }) }),
    fc.record({ kind: fc.constant('query' as const), query: fc.string({ maxLength: 40 }) })
  ),
  kind: fc.constantFrom(...PLAN_KINDS),
  back: fc.constant(null),
  leave: fc.array(host, { maxLength: 3 }),
  off: fc.boolean(),
  wanted: fc.option(fc.record({ like: vm, count, image: fc.option(fc.string({ maxLength: 20 })) })),
  resizes: fc.uniqueArray(
    fc.record({ vm, vcpus: fc.integer({ min: 1, max: 4_096 }), memory: fc.integer({ min: 1, max: 2 ** 33 }) }),
    { maxLength: 3, selector: ({ vm: of }) => of }
  ),
  starts: fc.uniqueArray(vm, { maxLength: 3 }),
  schedulers: fc.array(fc.constantFrom('min-cost', 'spread'), { maxLength: 2 }),
  configs: fc.constant({ spread: { sites: 0.5, name: 'x', on: true } }),
  budget: fc.constantFrom(1_000, 30_000),
  seed: fc.nat(),
  branch: fc.array(change, { maxLength: 4 })
});

const share = fc.record({
  weight: fc.integer({ min: 1, max: 65_535 }),
  cap: fc.option(fc.integer({ min: 1, max: 409_600 }))
});
const planned = fc.record({ vm, name: fc.string({ maxLength: 40 }), to: share, was: share });
const ways = fc
  .tuple(
    requests,
    fc.stringMatching(/^[0-9a-f]{16}$/),
    fc.array(fc.record({ vm, to: host }), { maxLength: 3 }),
    fc.array(planned, { maxLength: 3 })
  )
  .map(([request, of, moves, shares]): PlanRequest => ({ ...request, kind: 'undo', back: { of, moves, shares } }));

test('a request that was kept is read as it was', () => {
  fc.assert(
    fc.property(fc.oneof(requests, ways), (request) => {
      expect(readRequest(structuredClone(request))).toEqual(request);
    })
  );
});

test('whatever is kept in its place, reading answers a request or null', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(readRequest(value)).toBeNull();
    })
  );
  fc.assert(
    fc.property(requests, fc.constantFrom(...Object.keys(NEW_REQUEST)), fc.anything(), (request, key, value) => {
      const read = readRequest({ ...request, [key]: value });
      if (read !== null) expect(readRequest(structuredClone(read))).toEqual(read);
    })
  );
});

test('a request that was kept before there were resizes, starts and moves of what is off has none', () => {
  const { resizes, starts, back, off, ...old } = NEW_REQUEST;
  expect(readRequest(old)).toEqual({ ...old, resizes, starts, back, off });
});

const SIZE = { vm: '00000000-0000-4000-8000-000000000001', vcpus: 2, memory: 512 };
test.each([
  ['a host that is no id', { leave: ['../etc'] }],
  ['a VM that is no id', { wanted: { like: 'x', count: 1 } }],
  ['a VM that gets two sizes', { resizes: [SIZE, SIZE] }],
  ['a size of nothing', { resizes: [{ ...SIZE, memory: 0 }] }],
  ['a way back from nothing', { kind: 'undo' }],
  ['a way back that is none', { back: { of: '0123456789abcdef', moves: [] } }],
  ['a VM that is started twice', { starts: [SIZE.vm, SIZE.vm] }],
  ['no VM at all', { wanted: { like: '00000000-0000-4000-8000-000000000001', count: 0 } }],
  ['half a host', { branch: [{ what: 'add-hosts', like: 'n1', count: 1.5 }] }],
  ['a change nobody knows', { branch: [{ what: 'explode', host: 'n1' }] }],
  ['a plugin that is no id', { schedulers: ['Min Cost'] }],
  ['settings that are no values', { configs: { spread: { sites: {} } } }]
])('%s is not read', (_, wrong) => {
  expect(readRequest({ ...NEW_REQUEST, ...wrong })).toBeNull();
});

test('only drained hosts and busier VMs are no hindrance to a real plan', () => {
  const n1 = 'n1' as HostId;
  const lose: BranchChange = { what: 'lose', host: n1 };
  expect(imagined([{ what: 'drain', host: n1 }, lose, { what: 'busier', factor: 2 }])).toEqual([lose]);
});
