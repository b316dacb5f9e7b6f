import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { en } from '#lib/messages/en.ts';
import { Fault } from '#lib/model/fault.ts';
import type { Activity, Fleet, Vm } from '#lib/model/fleet.ts';
import type { CommandId } from '#lib/model/ids.ts';
import { columnsOfFleet } from '#lib/plan/fleet/columns-of-fleet.ts';
import { ExpectedLoad } from '#lib/plan/fleet/expected-load.ts';
import { DEFAULT_SETTINGS } from '#lib/plan/fleet/settings.ts';
import type { Plan } from '#lib/plan/made/plan.ts';
import type { PlannedStep } from '#lib/plan/made/planned-step.ts';
import { newRun, tell, WAITING } from '#lib/plan/made/progress.ts';
import type { Run } from '#lib/plan/made/progress.ts';
import { NEW_REQUEST } from '#lib/plan/made/request.ts';
import { DEFAULT_WEIGHTS } from '#lib/plugin/weights.ts';
import { emptyReply, faultFromWire, faultToWire } from '#lib/protocol/codec.ts';
import type { Reply } from '#lib/protocol/schema.ts';
import type { Client } from '#lib/session/client.ts';
import { aFleet, aHost } from '../../../../tests/support/a-fleet.ts';
import { aVm } from '../../../../tests/support/fake-host.ts';
import { PlanLock } from './lock.ts';
import { readPlanNote } from './note.ts';
import { PlanRuns } from './run.svelte.ts';
import { Tasks } from '../tasks/tasks.svelte.ts';

const HOSTS = ['a', 'b', 'c', 'd'];
const PERMIT = { url: 'https://b:1', pin: 'p', token: 't', expires: 0 } as unknown as NonNullable<Reply['permit']>;
const CANCELLED = new Fault('cancelled', { by: 'ada', left: '' });
let plans = 0;

type Moving = { readonly vm: Vm; readonly from: string; readonly to: string; readonly command: CommandId };

/** What has to be there. */
function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('it is not there');
  return value;
}

/** Hosts that move VMs when the test says so, a plan on them, and the tabs that run it. */
class World {
  readonly home = new Map<Vm, string>();
  readonly moving: Moving[] = [];
  readonly notes: string[] = [];
  /** Steps done, as it was told last. */
  toldDone: number | null = null;
  readonly id = (++plans).toString(16).padStart(16, '0');
  plan: Plan;
  /** Called when a move has begun. */
  onMove: () => void = () => undefined;
  readonly #ends = new Map<CommandId, (reply: Reply) => void>();

  constructor(places: readonly string[], targets: readonly string[], more: Partial<Run> = {}) {
    const vms = places.map((host, n) => {
      const vm = aVm(n + 1);
      this.home.set(vm, host);
      return vm;
    });
    const steps = vms.map((vm, n) => this.step(vm, there(places[n]), there(targets[n])));
    this.plan = {
      ...{ id: this.id, at: 0, request: NEW_REQUEST, weights: DEFAULT_WEIGHTS, answers: [], chosen: null },
      ...{ emptying: [], approved: vms.map(({ id }) => id), run: { ...newRun(steps, 0), ...more } }
    };
  }

  step(vm: Vm, from: string, to: string, after: readonly number[] = []): PlannedStep {
    const place = { from, fromName: from, host: to, hostName: to, vcpus: vm.vcpus, memory: vm.memory };
    const size = { wasVcpus: 0, wasMemory: 0, share: null, mib: 100, detour: false, begins: 0, takes: 1 };
    return { kind: 'move', vm: vm.id, name: vm.name, ...place, ...size, after };
  }

  get run(): Run {
    return there(this.plan.run);
  }
  get states(): readonly string[] {
    return this.run.progress.map(({ state }) => state);
  }
  get fleet(): Fleet {
    const activity = ({ from, vm, command }: Moving): Activity[] =>
      from === '' ? [] : [{ op: 'vm.migrate', status: 'running', vm: vm.id, command, note: null } as Activity];
    return aFleet(
      ...HOSTS.map((host) =>
        aHost(
          host,
          [...this.home.keys()].filter((vm) => this.home.get(vm) === host),
          {
            activity: this.moving.filter(({ from }) => from === host).flatMap(activity)
          }
        )
      )
    );
  }

  /** Another tab of the same browser is another one of these. */
  tab(renew: () => Promise<void> = () => Promise.resolve()): PlanRuns {
    return new PlanRuns({
      tasks: new Tasks(
        () => this.#client,
        (reply) => (reply.fault === null ? null : faultFromWire(reply.fault)),
        () => 0,
        () => Promise.resolve(en),
        () => undefined
      ),
      lock: new PlanLock(navigator.locks),
      fleet: () => this.fleet,
      survey: () => columnsOfFleet(this.fleet, new ExpectedLoad(), DEFAULT_SETTINGS, { at: 0 }),
      plan: () => this.plan,
      keep: (_, run) => (this.plan = { ...this.plan, run }),
      renew,
      name: () => 'Rebalance',
      onFar: (_, __, { done }) => (this.toldDone = done)
    });
  }

  /** A move ends; `done`: and the VM is where it should be. */
  end(one: Moving, status: Reply['status']): void {
    this.moving.splice(this.moving.indexOf(one), 1);
    if (status === 'done') this.home.set(one.vm, one.to);
    const fault = status === 'done' ? null : faultToWire(CANCELLED);
    this.#ends.get(one.command)?.({ ...emptyReply(one.command, status), fault, journal: 7 });
  }

  readonly #client = {
    run: (
      host: string,
      op: string,
      args: { vm: string; to: string; command: CommandId },
      options: { id: CommandId; note: string }
    ) => this.#answer(host, op, args, options)
  } as unknown as Client; // only `run` is used

  #answer(
    host: string,
    op: string,
    args: { vm: string; to: string; command: CommandId },
    { id, note }: { id: CommandId; note: string }
  ): Promise<Reply> {
    this.notes.push(note);
    const done = { ...emptyReply(id, 'done'), permit: op === 'migration.prepare' ? PERMIT : null };
    if (op === 'command.cancel') {
      const one = this.moving.find(({ command }) => command === args.command);
      if (one !== undefined) this.end(one, 'refused');
    }
    if (op !== 'vm.migrate') return Promise.resolve(done);
    const vm = there([...this.home.keys()].find((each) => each.id === args.vm));
    expect(this.home.get(vm)).toBe(host);
    this.moving.push({ vm, from: host, to: args.to, command: id });
    const reply = new Promise<Reply>((resolve) => this.#ends.set(id, resolve));
    this.onMove();
    return reply;
  }
}

const until = (test: () => boolean): Promise<void> => expect.poll(test, { interval: 5 }).toBe(true);
const options = (moves: number, perHost: number) => ({ moves, perHost, bandwidth: null, autoConverge: true });

test('never more moves at once than allowed, in all and of each host as source or target, and in the end all are done', async () => {
  const moves = fc.array(fc.shuffledSubarray(HOSTS, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 8 });
  const limit = fc.integer({ min: 1, max: 3 });
  await fc.assert(
    fc.asyncProperty(moves, limit, limit, fc.infiniteStream(fc.nat()), async (ways, most, perHost, choices) => {
      const from = ways.map(([one]) => there(one));
      const to = ways.map(([, other]) => there(other));
      const world = new World(from, to, { options: options(most, perHost) });
      world.onMove = () => {
        expect(world.moving.length).toBeLessThanOrEqual(most);
        for (const host of HOSTS) {
          const part = world.moving.filter((one) => one.from === host || one.to === host);
          expect(part.length).toBeLessThanOrEqual(perHost);
        }
        const one = there(world.moving[(choices.next().value as number) % world.moving.length]);
        // One of those under way ends, sooner or later.
        queueMicrotask(() => world.moving.includes(one) && world.end(one, 'done'));
      };
      const run = world.tab().start(world.id);
      while (world.states.some((state) => state !== 'done')) {
        await new Promise((resolve) => setTimeout(resolve));
        const [one] = world.moving;
        if (one !== undefined) world.end(one, 'done');
      }
      await run;
      expect([...world.home.values()]).toEqual(to);
    }),
    { numRuns: 25 }
  );
});

test('paused, nothing more begins; gone on, the rest is done; each command says which plan and step it is of', async () => {
  const world = new World(['a', 'a', 'b'], ['c', 'c', 'd'], { options: options(1, 1) });
  const tab = world.tab();
  const first = tab.start(world.id);
  await until(() => world.moving.length === 1);
  tab.pause(world.id);
  expect(tab.of(world.id)).toBe('pausing');
  world.end(there(world.moving[0]), 'done');
  await first;
  expect(world.states).toEqual(['done', 'waiting', 'waiting']);
  world.onMove = () => queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  await tab.start(world.id);
  expect(world.states).toEqual(['done', 'done', 'done']);
  expect(world.notes.map(readPlanNote)).toEqual(
    [0, 0, 1, 1, 2, 2].map((step) => ({ plan: world.id, step, name: 'Rebalance' }))
  );
  const whole = world.run.log.filter(({ what }) => what !== 'step').map(({ what }) => what);
  expect(whole).toEqual(['approved', 'run', 'paused', 'run', 'ended']);
  expect(world.run.log.at(-2)).toMatchObject({ what: 'step', step: 2, journal: 7 });
});

test('how far it is is told with each step, not only once a second', async () => {
  const world = new World(['a', 'b', 'c'], ['d', 'd', 'd'], { options: options(1, 1) });
  world.onMove = () => {
    expect(world.toldDone).toBe(world.states.filter((state) => state === 'done').length);
    queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  };
  await world.tab().start(world.id);
  expect(world.toldDone).toBe(3);
});

test('aborted at once, what runs is cancelled and stays where it was, and the rest is given up until the operator goes on', async () => {
  const world = new World(['a', 'b', 'a'], ['c', 'd', 'd']);
  const tab = world.tab();
  const run = tab.start(world.id);
  await until(() => world.moving.length === 2);
  tab.abort(world.id, true);
  await run;
  expect(world.states).toEqual(['failed', 'failed', 'waiting']);
  expect(world.run.progress[0]?.fault?.code).toBe('cancelled');
  expect([...world.home.values()]).toEqual(['a', 'b', 'a']);
  expect([world.run.aborted, world.run.log.at(-1)?.what]).toEqual([true, 'aborted']);
  world.onMove = () => queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  await tab.start(world.id);
  expect([world.run.aborted, ...world.states]).toEqual([false, 'done', 'done', 'done']);
});

test('a step that failed holds up only those that need it', async () => {
  const world = new World(['a', 'b', 'c'], ['d', 'c', 'b'], { options: options(3, 3) });
  const steps = world.run.steps.map((step, at) => ({ ...step, after: at === 1 ? [0] : [] }));
  world.plan = { ...world.plan, run: { ...world.run, steps } };
  world.onMove = () => {
    const one = there(world.moving.at(-1));
    queueMicrotask(() => world.end(one, one.from === 'a' ? 'failed' : 'done'));
  };
  await world.tab().start(world.id);
  expect(world.states).toEqual(['failed', 'waiting', 'done']);
});

test('a step of which no command can be made has failed, and the others are done', async () => {
  const world = new World(['a', 'b'], ['c', 'd']);
  const [first] = world.run.steps;
  const half: PlannedStep = { ...there(first), kind: 'resize', host: 'a', hostName: 'a', memory: 0.5 };
  world.plan = { ...world.plan, run: newRun([half, there(world.run.steps[1])], 0) };
  world.onMove = () => queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  const tab = world.tab();
  await tab.start(world.id);
  expect([tab.of(world.id), ...world.states]).toEqual([null, 'failed', 'done']);
});

test('a tab that is about to run a plan does not take itself for another one', async () => {
  const world = new World(['a'], ['b']);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const tab = world.tab(() => promise);
  const run = tab.start(world.id);
  await expect.poll(() => new PlanLock(navigator.locks).isHeld(world.id)).toBe(true);
  await Promise.all([tab.start(world.id), tab.look(world.id)]);
  expect(tab.elsewhere(world.id)).toBe(false);
  world.onMove = () => queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  resolve(undefined);
  await run;
  expect(world.states).toEqual(['done']);
});

test.each([
  ['is done once it is seen where it should be', true],
  ['has failed once it is seen where it was', false]
])('a move nobody knows the end of %s, and until then its hosts are left alone', async (_, arrives) => {
  const world = new World(['a', 'a'], ['b', 'c']);
  const run = world.tab().start(world.id);
  await until(() => world.moving.length === 1);
  const [one] = world.moving;
  world.end(there(one), 'unknown');
  // Still under way, as its source says.
  world.moving.push(there(one));
  await until(() => world.states[0] === 'unknown');
  world.onMove = () => queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  expect(world.states[1]).toBe('waiting');
  world.moving.splice(0);
  if (arrives) world.home.set(there(one).vm, 'b');
  await run;
  expect(world.states).toEqual([arrives ? 'done' : 'failed', 'done']);
  expect(world.run.log.some(({ what, step }) => what === 'seen' && step === 0)).toBe(true);
});

test('a move that a closed tab has left under way is waited for, and what comes after it is gone on with', async () => {
  const world = new World(['a', 'a'], ['b', 'c']);
  world.plan = { ...world.plan, run: tell(world.run, 0, { ...WAITING, state: 'running', at: 1 }) };
  const vm = there([...world.home.keys()][0]);
  const left: Moving = { vm, from: 'a', to: 'b', command: 'x' as CommandId };
  world.moving.push(left);
  const run = world.tab().start(world.id);
  await until(() => world.run.log.at(-1)?.what === 'run');
  expect(world.states).toEqual(['running', 'waiting']);
  world.onMove = () => queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  world.end(left, 'done');
  await run;
  expect(world.states).toEqual(['done', 'done']);
  expect(world.notes.map((note) => readPlanNote(note)?.step)).toEqual([1, 1]);
});

test('two tabs never run the same plan: the other one sees that it runs, and may go on when the first is done or gone', async () => {
  const world = new World(['a', 'a'], ['b', 'c']);
  const [one, other] = [world.tab(), world.tab()];
  const run = one.start(world.id);
  await until(() => world.moving.length === 1);
  await other.start(world.id);
  expect([other.of(world.id), other.elsewhere(world.id)]).toEqual([null, true]);
  expect(world.moving).toHaveLength(1);
  one.pause(world.id);
  world.end(there(world.moving[0]), 'done');
  await run;
  await until(() => !other.elsewhere(world.id));
  world.onMove = () => queueMicrotask(() => world.end(there(world.moving[0]), 'done'));
  await other.start(world.id);
  expect(world.states).toEqual(['done', 'done']);
});

test('a plan counts as running in another tab until what that one has kept last is read', async () => {
  const world = new World(['a'], ['b']);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let asked = false;
  const one = world.tab();
  const other = world.tab(() => {
    asked = true;
    return promise;
  });
  const run = one.start(world.id);
  await until(() => world.moving.length === 1);
  await other.look(world.id);
  world.end(there(world.moving[0]), 'done');
  await run;
  await until(() => asked);
  const { plan } = world;
  world.plan = { ...plan, run: newRun(world.run.steps, 0) };
  await other.look(world.id);
  expect([other.elsewhere(world.id), ...world.states]).toEqual([true, 'waiting']);
  world.plan = plan;
  resolve(undefined);
  await until(() => !other.elsewhere(world.id));
});
