import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../../model/fault.ts';
import type { HostId } from '../../model/ids.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { hasRun, keptPlan, readPlan, readWeights, stateOf } from './plan.ts';
import type { Answer, Plan } from './plan.ts';
import type { PlannedStep } from './planned-step.ts';
import { logged, newRun, tell, WAITING } from './progress.ts';
import type { Progress } from './progress.ts';
import { NEW_REQUEST } from './request.ts';

const answer: Answer = {
  scheduler: 'spread',
  title: 'Spread',
  state: 'done',
  fault: null,
  moves: [{ vm: 'id-1', name: 'v1', from: 'h0', to: 'h1', toName: 'h1', vcpus: 1, memory: 512 }],
  shares: [{ vm: 'id-2', name: 'v2', to: { weight: 256, cap: 150 }, was: { weight: 256, cap: null } }],
  note: '',
  samples: [
    { at: 0, cost: 10, moves: 0 },
    { at: 12, cost: 8.5, moves: 1 }
  ],
  refused: 0,
  refusal: null,
  took: 40
};
const failed: Answer = {
  ...answer,
  scheduler: 'evil',
  state: 'failed',
  moves: null,
  fault: new Fault('plugin-failed', { plugin: 'Evil', reason: 'did not answer within 2 s' })
};
const plan: Plan = {
  ...{ id: '0123456789abcdef', at: 1_700_000_000_000, request: NEW_REQUEST, weights: DEFAULT_WEIGHTS },
  answers: [answer, failed],
  chosen: 'spread',
  approved: ['id-1'],
  run: null,
  emptying: [{ host: 'h0' as HostId, since: 1_700_000_000_000 }]
};
/** As the store gives it back. */
const kept = (one: Plan): unknown => structuredClone(keptPlan(one));

test('a plan that was kept is read as it was, its faults too', () => {
  const read = readPlan(kept(plan));
  expect(read).toEqual(plan);
  expect(read?.answers[1]?.fault).toBeInstanceOf(Fault);
  expect(read?.answers[1]?.fault?.message).toBe(failed.fault?.message);
});

test('why a proposal was refused is kept as data; what an earlier version kept as text stays that text', () => {
  const refused = (refusal: unknown): unknown =>
    readPlan({ ...(kept(plan) as object), answers: [{ ...answer, refusal }], chosen: null })?.answers[0]?.refusal;
  const lacks = { kind: 'lacks', resource: 'memory', amount: 4, meanwhile: true };
  expect(refused(lacks)).toEqual(lacks);
  expect(refused('')).toBeNull();
  expect(refused('the host is not online')).toEqual({ kind: 'said', text: 'the host is not online' });
});

test.each([
  ['a refusal that is none', { answers: [{ ...answer, refusal: { kind: 'lacks', resource: 'luck' } }] }],
  ['a move that is none', { answers: [{ ...answer, moves: [{ vm: 1 }] }] }],
  ['a choice of what did not answer', { chosen: 'pack' }],
  ['weights that are none', { weights: { ...DEFAULT_WEIGHTS, cpu: -1 } }],
  [
    'a share that is none',
    { answers: [{ ...answer, shares: [{ vm: 'id-2', name: 'v2', to: { weight: 0, cap: null } }] }] }
  ],
  ['a request that is none', { request: null }],
  ['a cost that is none', { answers: [{ ...answer, samples: [{ at: 0, cost: NaN, moves: 0 }] }] }],
  ['an approval that is none', { approved: [7] }],
  ['a maintenance of no host', { emptying: [{ host: '', since: 1 }] }],
  ['a maintenance at no time', { emptying: [{ host: 'h0' }] }]
])('a plan with %s is not read', (_, wrong) => {
  expect(readPlan({ ...(kept(plan) as object), ...wrong })).toBeNull();
});

test('what was kept before there were shares is read, with none and the usual weight', () => {
  const { withheld, ...weights } = DEFAULT_WEIGHTS;
  const { shares, ...old } = answer;
  expect(shares).toHaveLength(1);
  const read = readPlan({ ...(kept(plan) as object), weights, answers: [old] });
  expect([read?.weights.withheld, read?.answers[0]?.shares]).toEqual([withheld, []]);
});

test('whatever is kept in its place, reading does not throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(readPlan(value)).toBeNull();
    })
  );
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(readWeights(value)).toBeNull();
    })
  );
});

test('a plan is a draft, to choose, ready, approved, or found by nobody', () => {
  const open = { ...plan, approved: null };
  expect(stateOf(plan)).toBe('approved');
  expect(stateOf(open)).toBe('ready');
  expect(stateOf({ ...open, chosen: null })).toBe('compare');
  expect(stateOf({ ...open, chosen: null, answers: [failed] })).toBe('failed');
  expect(stateOf({ ...open, chosen: null, answers: [] })).toBe('draft');
});

test('one that was begun says how it stands, and is a record from then on', () => {
  const step: PlannedStep = {
    ...{ kind: 'move', vm: 'id-1', name: 'v1', from: 'h0', fromName: 'h0', host: 'h1', hostName: 'h1', vcpus: 1 },
    ...{ memory: 512, wasVcpus: 0, wasMemory: 0, share: null, mib: 1, detour: false, begins: 0, takes: 2, after: [] }
  };
  const approved = newRun([step, step], 1);
  const ends = (state: Progress['state'], at: number) => (run: typeof approved) => tell(run, at, { ...WAITING, state });
  const of = (run: typeof approved) => [stateOf({ ...plan, run }), hasRun({ ...plan, run })];
  expect(of(approved)).toEqual(['approved', false]);
  // Somebody else did it.
  expect(of(tell(approved, 0, { ...WAITING, state: 'done' }, 'seen'))).toEqual(['approved', false]);
  const begun = ends('done', 0)(logged(approved, 'run', 2));
  expect(of(logged(begun, 'paused', 3))).toEqual(['paused', true]);
  expect(of(logged({ ...begun, aborted: true }, 'aborted', 3))).toEqual(['aborted', true]);
  expect(of(logged(ends('failed', 1)(begun), 'ended', 3))).toEqual(['partly', true]);
  // Its tab was closed.
  expect(of(begun)).toEqual(['partly', true]);
  expect(of(logged(ends('done', 1)(begun), 'ended', 3))).toEqual(['done', true]);
});
