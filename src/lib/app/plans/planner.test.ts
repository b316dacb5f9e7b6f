import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import type { Fleet, Vm } from '#lib/model/fleet.ts';
import type { CommandId, HostId } from '#lib/model/ids.ts';
import { millis } from '#lib/model/units.ts';
import { hasRun, stateOf, type Answer, type Plan } from '#lib/plan/made/plan.ts';
import { NEW_REQUEST, type PlanRequest } from '#lib/plan/made/request.ts';
import { emptyReply, faultFromWire } from '#lib/protocol/codec.ts';
import type { Reply } from '#lib/protocol/schema.ts';
import type { Client } from '#lib/session/client.ts';
import { aFleet, aHost, maintained } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { evacuationsFor } from './evacuation.ts';
import { approveWhole } from './approval.ts';
import { Planner } from './planner.svelte.ts';
import { Planning } from './planning.svelte.ts';
import type { Plugins } from '../plugins/plugins.svelte.ts';
import { Tasks } from '../tasks/tasks.svelte.ts';

const SINCE = 1_700_000_000_000;
const PERMIT = { url: 'https://b:1', pin: 'p', token: 't', expires: 0 } as unknown as NonNullable<Reply['permit']>;
const VMS = [aVm(1), aVm(2)];
const EMPTY_A: PlanRequest = { ...NEW_REQUEST, kind: 'evacuate', leave: ['a' as HostId] };

/** Two VMs on host a, a second host they go to, and the plans of a tab whose moves are all done at once. */
class World {
  readonly home = new Map<Vm, string>(VMS.map((vm) => [vm, 'a']));
  /** Since when host a is in maintenance; null: it is not. */
  since: number | null = null;

  get fleet(): Fleet {
    const host = (name: string) =>
      aHost(
        name,
        VMS.filter((vm) => this.home.get(vm) === name)
      );
    const a = host('a');
    return aFleet(this.since === null ? a : maintained(a, { since: millis(this.since) }), host('b'));
  }

  /** @param load a scheduler that is asked; by default there is none */
  async planner(load: Plugins['load'] = () => Promise.reject(new Error('no scheduler'))): Promise<Planner> {
    const run = (_: string, op: string, args: { vm: string }, { id }: { id: CommandId }): Promise<Reply> => {
      const vm = VMS.find((one) => one.id === args.vm);
      if (op === 'vm.migrate' && vm !== undefined) this.home.set(vm, this.home.get(vm) === 'a' ? 'b' : 'a');
      return Promise.resolve({ ...emptyReply(id, 'done'), permit: op === 'migration.prepare' ? PERMIT : null });
    };
    const tasks = new Tasks(
      () => ({ run }) as unknown as Client, // only `run` is used
      (reply) => (reply.fault === null ? null : faultFromWire(reply.fault)),
      () => 0,
      () => Promise.resolve(en),
      () => undefined
    );
    const plugins = { usable: [], list: [], load } as unknown as Plugins; // only these are used
    return Planner.open(new Planning(() => this.fleet, tasks), plugins, () => this.fleet, tasks);
  }
}

/** To move VMs of host a to host b. */
function answerOf(vms: readonly Vm[]): Answer {
  const moves = vms.map(({ id, name, vcpus, memory }) => ({
    ...{ vm: id, name, from: 'a', to: 'b', toName: 'b', vcpus, memory }
  }));
  return {
    ...{ scheduler: 'evacuate', title: 'Evacuate', state: 'done', fault: null, moves, shares: [], note: '' },
    ...{ samples: [], refused: 0, refusal: null, took: 1 }
  };
}

/** Made and approved. @returns its id */
function approved(planner: Planner, vms: readonly Vm[] = VMS): string {
  const id = planner.adopt(EMPTY_A, [answerOf(vms)], planner.groundNow(EMPTY_A));
  expect(approveWhole(planner, id)).toBe(vms.length);
  return id;
}
const of = (planner: Planner, id: string): Plan => planner.plan(id) ?? expect.fail('it is not kept');

test('the approval of a plan is taken back only while nothing of it was begun', async () => {
  const planner = await new World().planner();
  const id = approved(planner);
  planner.withdraw(id);
  expect([stateOf(of(planner, id)), of(planner, id).run]).toEqual(['ready', null]);
  approveWhole(planner, id);
  await planner.runs.start(id);
  const record = of(planner, id);
  expect(stateOf(record)).toBe('done');
  planner.withdraw(id);
  expect(planner.plan(id)).toBe(record);
});

test('what has run stays as it is: planned again it is another plan, and the way back remains', async () => {
  const planner = await new World().planner();
  const id = approved(planner);
  await planner.runs.start(id);
  const record = of(planner, id);
  await planner.run(id);
  planner.choose(id, null);
  planner.approve(id, [], []);
  const other = planner.again(id);
  expect(other).not.toBe(id);
  expect(of(planner, other)).toMatchObject({ request: EMPTY_A, run: null });
  expect(planner.plan(id)).toBe(record);
  expect(planner.undoOf(record)?.moves).toHaveLength(2);
  planner.remove(id);
  expect(planner.plan(id)).toBeNull();
});

test('one of which nothing was begun is planned again in its place', async () => {
  const planner = await new World().planner();
  const id = approved(planner);
  expect(planner.again(id)).toBe(id);
});

test('a way back that has run is worked out anew from what it is of', async () => {
  const world = new World();
  const planner = await world.planner();
  const id = approved(planner);
  await planner.runs.start(id);
  const way = planner.undo(id) ?? expect.fail('nothing to undo');
  approveWhole(planner, way);
  const [first] = VMS;
  await planner.runs.start(way, 0);
  expect([...world.home.values()].sort()).toEqual(['a', 'b']);
  const again = planner.again(way);
  expect(again).not.toBe(way);
  const { back } = of(planner, again).request;
  expect([back?.of, back?.moves.length]).toEqual([id, 1]);
  expect(back?.moves[0]?.vm === first?.id).toBe(first !== undefined && world.home.get(first) === 'b');
  expect(hasRun(of(planner, way))).toBe(true);
});

test('a host gets back what was moved away in this maintenance of it, by whichever of its plans, and not what was before', async () => {
  const world = new World();
  const planner = await world.planner();
  world.since = SINCE;
  const [one, two] = [approved(planner, VMS.slice(0, 1)), approved(planner, VMS.slice(1))];
  await planner.runs.start(one);
  await planner.runs.start(two);
  const a = 'a' as HostId;
  const state = (since: number) => ({ since: millis(since), by: 'Ada', reason: '' });
  const found = evacuationsFor(planner.plans, a, state(SINCE)).map(({ id }) => id);
  expect(found.toSorted()).toEqual([one, two].toSorted());
  // Another one, later.
  expect(evacuationsFor(planner.plans, a, state(SINCE + 1))).toEqual([]);
  expect(evacuationsFor(planner.plans, 'b' as HostId, state(SINCE))).toEqual([]);

  world.since = null;
  const way = planner.undo(one, [two]) ?? expect.fail('nothing to undo');
  expect(approveWhole(planner, way)).toBe(2);
  await planner.runs.start(way);
  expect([...world.home.values()]).toEqual(['a', 'a']);
  expect(evacuationsFor(planner.plans, a, state(SINCE)).map(({ id }) => id)).toEqual([two]);
  expect(planner.undoOf(of(planner, two))?.moves).toEqual([]);
});

test('one that was approved outside of any maintenance belongs to none', async () => {
  const world = new World();
  const planner = await world.planner();
  const id = approved(planner);
  world.since = SINCE;
  await planner.runs.start(id);
  expect(of(planner, id).emptying).toEqual([]);
});

test('what a tab changes while it reads what another one has kept is not lost to that', async () => {
  const world = new World();
  const [one, other] = [await world.planner(), await world.planner()];
  const id = one.adopt(EMPTY_A, [answerOf(VMS)], one.groundNow(EMPTY_A));
  await expect.poll(() => other.plan(id)?.chosen).toBe('evacuate');
  const channel = new BroadcastChannel('smps-plans');
  // Told after the other tab was, which is reading then.
  channel.addEventListener('message', () => other.choose(id, 'evacuate'), { once: true });
  one.choose(id, null);
  await expect.poll(() => of(one, id).chosen).toBe('evacuate');
  expect(of(other, id).chosen).toBe('evacuate');
  channel.close();
});

test('what was run in another tab while it was asked for here stays as the record of it', async () => {
  const world = new World();
  const asked = Promise.withResolvers<never>();
  const [one, other] = [await world.planner(() => asked.promise), await world.planner()];
  const request = { ...EMPTY_A, schedulers: ['evacuate'] };
  const id = other.adopt(request, [answerOf(VMS)], other.groundNow(request));
  await expect.poll(() => one.plan(id)?.chosen).toBe('evacuate');
  const asking = one.run(id);
  approveWhole(other, id);
  await other.runs.start(id);
  await expect.poll(() => stateOf(of(one, id))).toBe('done');
  asked.reject(new Error('it took too long'));
  await asking;
  expect(stateOf(of(one, id))).toBe('done');
});
