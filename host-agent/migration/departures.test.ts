// Two agents: the source whole, over links in memory; of the target its door and its list of arrivals. What the hypervisors
// have at each moment the test says.
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import { hostId, vmId } from '../../src/lib/model/ids.ts';
import type { CommandId, VmId } from '../../src/lib/model/ids.ts';
import type { Reply } from '../../src/lib/protocol/schema.ts';
import { AgentLab, newCommandId } from '../../tests/support/agent-lab.ts';
import type { MemoryLink } from '../../tests/support/agent-lab.ts';
import { createCertificate } from '../certificate.ts';
import type { Certificate } from '../certificate.ts';
import type { Coming, ArrivalState, Leaving, Migration, Remains, NoteMade } from '../drivers/migration.ts';
import type { SampleVm } from '../drivers/simulated/config.ts';
import { simulatedDriver } from '../drivers/simulated/driver.ts';
import { silent } from '../log.ts';
import { serveHosts } from '../serve/serve.ts';
import type { LinkPolicy } from '../serve/serve.ts';
import { Arrivals } from './arrivals.ts';
import type { Permit } from './arrivals.ts';
import { parseDeparture, printDeparture } from './departure-file.ts';

const TARGET = hostId('target');
const volumes = [{ pool: 'p', volume: 'v' }];
const never = (): never => {
  throw new Error('not asked for here');
};

/** The source's hypervisor: it sends for as long as the test wants. */
class Source implements Migration {
  readonly sockets = '/s';
  readonly witness = 'hypervisor';
  remaining: Remains = 'running';
  /** Whether it starts with this host; null: as long as nobody asked for either. */
  autostart: boolean | null = null;
  readonly settled: ('arrived' | 'absent')[] = [];
  leaving: Leaving = { running: true, autostart: false, volumes, stays: null };
  readonly begun = Promise.withResolvers<undefined>();
  readonly ended = Promise.withResolvers<Fault | null>();
  prepare = never;
  connect = never;
  look = never;
  welcome = never;
  release = never;
  /** The target has all of it, and does not answer. */
  unanswered = never as () => void;
  readonly evict = null;
  depart: Migration['depart'] = async (_vm, _passage, _options, _control, watch) => {
    await watch.note(this.leaving);
    this.unanswered = watch.unanswered;
    const gaveUp = new Promise<Fault>((resolve) =>
      watch.decided.addEventListener('abort', () =>
        resolve(new Fault('hypervisor', { operation: 'migrate', reason: '' }))
      )
    );
    this.begun.resolve(undefined);
    return done(await Promise.race([this.ended.promise, gaveUp]));
  };
  setAutostart = (_vm: VmId, on: boolean) => {
    this.autostart = on;
    return Promise.resolve();
  };
  remains = () => Promise.resolve(this.remaining);
  settle = (_vm: VmId, leaving: Leaving, there: 'arrived' | 'absent') => {
    expect(leaving).toEqual(this.leaving);
    this.settled.push(there);
    return Promise.resolve(null);
  };
}

/** The target's. */
class Target implements Migration {
  readonly sockets = '/s';
  readonly witness = 'hypervisor';
  state: ArrivalState = 'absent';
  prepare = async (_: Coming, note: NoteMade) => {
    await note(volumes);
    return done(volumes);
  };
  connect = () => new PassThrough();
  look = () => Promise.resolve(this.state);
  setAutostart = never;
  welcome = () => undefined;
  release = () => Promise.resolve(this.state);
  evict = () => {
    this.state = 'absent';
    return Promise.resolve();
  };
  depart = never;
  remains = never;
  settle = never;
}

let lab: AgentLab;
let link: MemoryLink;
let source: Source;
let target: Target;
let directory: string;
let certificate: Certificate;
let port = 0;
let door: { readonly arrivals: Arrivals; close(): Promise<void> };
const labs: AgentLab[] = [];

const open = async (): Promise<typeof door> => {
  const arrivals = new Arrivals({ directory, migration: target, now: Date.now, log: silent });
  await arrivals.recover();
  const policy = { arrivals } as LinkPolicy;
  const listen = { tls: certificate, address: '127.0.0.1', port };
  const server = await serveHosts(listen, (id) => (id === TARGET ? policy : null));
  ({ port } = server);
  arrivals.reachedAt(`https://127.0.0.1:${port}`, certificate.pin);
  return { arrivals, close: () => (arrivals.close(), server.close()) };
};

// The first certificate brings libraries along.
beforeAll(async () => {
  certificate = await createCertificate();
}, 60_000);
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'smps-arrivals-'));
  port = 0;
  [source, target] = [new Source(), new Target()];
  door = await open();
  const vms: SampleVm[] = [{ name: 'web-1', vcpus: 2, memory: 256, state: 'running', disks: [64], nics: 1 }];
  lab = await AgentLab.open({}, false, { ...simulatedDriver({ vms, speed: null }), migration: source });
  labs.push(lab);
  link = await lab.as('operator');
});
afterEach(async () => {
  await door.close();
  await Promise.all(labs.splice(0).map((each) => each.close()));
  await rm(directory, { recursive: true });
});

const permitFor = async (vm: VmId, from = lab.state.pin): Promise<Permit> => {
  const { hypervisor, accelerator, cpuModel } = await lab.driver.describe();
  const { name, memory } = await lab.vm();
  const like = { hypervisor, accelerator, cpuModel, name, memory, running: true, autostart: null, from };
  const outcome = await door.arrivals.prepare({ vm, ...like, disks: [], nics: [] });
  if (outcome.status === 'refused') throw outcome.fault;
  return outcome.value;
};
const move = (by: MemoryLink, vm: VmId, { url, pin, token }: Permit, id = newCommandId()): Promise<Reply> =>
  by.run(
    'vm.migrate',
    { vm, to: TARGET, url, pin, token, bandwidth: null, autoConverge: false, downtime: null },
    { id }
  );

type Interrupted = {
  readonly vm: VmId;
  readonly id: CommandId;
  readonly permit: Permit;
  readonly again: () => Promise<MemoryLink>;
};
/** The agent has been killed while the VM was leaving. */
async function killed(): Promise<Interrupted> {
  const { id: vm } = await lab.vm();
  const [permit, id] = [await permitFor(vm), newCommandId()];
  void move(link, vm, permit, id);
  await source.begun.promise;
  return {
    vm,
    id,
    permit,
    again: async () => {
      const next = await lab.afterKill();
      labs.push(next);
      const watcher = next.link(link.operator);
      await watcher.run('host.watch', { keptNumber: null, loadEvery: null });
      return watcher;
    }
  };
}
const checking = (watcher: MemoryLink): Promise<unknown> =>
  watcher.until(() => watcher.events.some(({ progress }) => progress.some(({ stage }) => stage === 'finding-out')));
const files = (of = labs.at(-1)): Promise<readonly string[]> => readdir(join(of?.directory ?? '', 'departures'));

test('a move is written down while it is under way, readable for nobody else, and no longer', async () => {
  const { id: vm } = await lab.vm();
  const moving = move(link, vm, await permitFor(vm));
  await source.begun.promise;
  expect(await files()).toHaveLength(1);
  target.state = 'arrived';
  source.ended.resolve(null);
  expect(await moving).toMatchObject({ status: 'done', effects: [{ seen: 'on target' }] });
  expect(source.settled).toEqual(['arrived']);
  expect(await files()).toEqual([]);
});

test.each<[ArrivalState, string, string]>([
  ['arrived', 'done', 'arrived'],
  ['absent', 'failed', 'absent']
])('an agent that was killed asks the target, which has it %s, and the command ends as %s', async (state, status) => {
  const { vm, id, permit, again } = await killed();
  [source.remaining, target.state] = ['still', state];
  await lab.core.stop(0);
  const watcher = await again();
  expect(await move(watcher, vm, permit, id)).toMatchObject({ status });
  expect(source.settled).toEqual([state]);
  const { activities } = await watcher.run('activity.list', { limit: 1, before: null, vm: null });
  expect(activities).toMatchObject([{ command: id, status }]);
  expect(await files()).toEqual([]);
});

const startsWithHost = (): void => {
  source.leaving = { ...source.leaving, autostart: true };
};

test('while it leaves, and once it has left, this host does not start it when it boots', async () => {
  startsWithHost();
  const { id: vm } = await lab.vm();
  const moving = move(link, vm, await permitFor(vm));
  await source.begun.promise;
  expect(source.autostart).toBe(false);
  target.state = 'arrived';
  source.ended.resolve(null);
  expect(await moving).toMatchObject({ status: 'done' });
  expect(source.autostart).toBe(false);
});

test('one that is refused on its way starts with this host again', async () => {
  startsWithHost();
  const { id: vm } = await lab.vm();
  const { depart } = source;
  source.depart = async (...all) => {
    await depart(...all);
    return refused('unsupported', { what: 'it', reason: 'not so', instead: '' });
  };
  source.ended.resolve(null);
  expect(await move(link, vm, await permitFor(vm))).toMatchObject({ status: 'refused' });
  expect(source.autostart).toBe(true);
});

const down = new Fault('hypervisor-down', { reason: 'connection refused' });

test('one whose hypervisor goes away before anything has begun has failed: where it runs is not open', async () => {
  const { id: vm } = await lab.vm();
  source.depart = () => Promise.reject(down);
  const reply = await move(link, vm, await permitFor(vm));
  expect(reply).toMatchObject({ status: 'failed', fault: { code: 'hypervisor' } });
  expect(reply.fault?.message).toMatch(/does not answer: connection refused; it goes on here/);
});

test.each<[Remains, string, boolean]>([
  ['running', 'failed', true],
  ['gone', 'done', false]
])('of one whose hypervisor goes away after that it is found out: %s', async (remains, status, starts) => {
  startsWithHost();
  const { id: vm } = await lab.vm();
  const { depart } = source;
  source.depart = async (...all) => {
    await depart(...all);
    throw down;
  };
  [source.remaining, target.state] = [remains, remains === 'gone' ? 'arrived' : 'absent'];
  source.ended.resolve(null);
  expect(await move(link, vm, await permitFor(vm))).toMatchObject({ status });
  expect(source.autostart).toBe(starts);
  expect(await files()).toEqual([]);
});

test.each<[Remains, ArrivalState, boolean]>([
  ['running', 'absent', true],
  ['still', 'absent', true],
  ['still', 'arrived', false],
  ['gone', 'absent', false]
])('found %s here and %s there by an agent that was killed, it starts with this host: %s', async (here, there, is) => {
  startsWithHost();
  const { vm, id, permit, again } = await killed();
  expect(source.autostart).toBe(false);
  [source.remaining, target.state] = [here, there];
  await move(await again(), vm, permit, id);
  expect(source.autostart).toBe(is);
});

test('a departure written down by an older agent says nothing of it', () => {
  const args = {
    vm: vmId(randomUUID()),
    to: TARGET,
    url: 'https://127.0.0.1:1',
    pin: 'sha256:x',
    token: 'A'.repeat(43)
  };
  const departure = {
    command: newCommandId(),
    args: { ...args, bandwidth: null, autoConverge: false, downtime: null },
    leaving: { running: true, autostart: true, volumes, stays: null }
  };
  const text = printDeparture(departure);
  expect(parseDeparture('f', text)).toEqual(departure);
  const older = JSON.stringify({ ...(JSON.parse(text) as object), autostart: undefined });
  expect(parseDeparture('f', older).leaving).toEqual({ ...departure.leaving, autostart: false });
});

test('what runs here has not left, and nobody is asked', async () => {
  const { vm, id, permit, again } = await killed();
  await door.close();
  const reply = await move(await again(), vm, permit, id);
  expect(reply).toMatchObject({ status: 'failed', fault: { code: 'move-interrupted' } });
  expect(reply.fault?.message).toBe(
    'the move was interrupted: the agent of this host ended meanwhile; it goes on here'
  );
  expect(source.settled).toEqual([]);
  door = await open();
});

test('while the target cannot be asked the VM takes no command, and the move none to cancel it; then it is known', async () => {
  const { vm, id, permit, again } = await killed();
  source.remaining = 'still';
  await door.close();
  const watcher = await again();
  await checking(watcher);
  const moving = move(watcher, vm, permit, id);
  const resumed = await watcher.run('vm.resume', { vm });
  expect(resumed).toMatchObject({ status: 'refused', fault: { code: 'busy' } });
  expect(resumed.fault?.message).toContain('“Move web-1 to target” of the operator');
  expect(await watcher.run('command.cancel', { command: id })).toMatchObject({
    status: 'refused',
    fault: { code: 'not-cancellable' }
  });
  expect(source.settled).toEqual([]);
  target.state = 'arrived';
  door = await open();
  expect(await moving).toMatchObject({ status: 'done', effects: [{ seen: 'on target', by: 'hypervisor' }] });
});

test.each<['here' | 'there', string, string]>([
  ['here', 'failed', 'absent'],
  ['there', 'done', 'arrived']
])('of a target that is gone for good an operator says that the VM runs %s', async (runs, status, settled) => {
  const { vm, id, permit, again } = await killed();
  source.remaining = 'still';
  await door.close();
  const watcher = await again();
  await checking(watcher);
  expect(await watcher.run('migration.decide', { vm, runs })).toMatchObject({ status: 'done' });
  const reply = await move(watcher, vm, permit, id);
  expect(reply).toMatchObject({ status });
  expect(JSON.stringify(reply)).toContain('by the word of the operator');
  expect(source.settled).toEqual([settled]);
  door = await open();
});

/** All of it is at the target, whose hypervisor hangs. */
async function unanswered(): Promise<Pick<Interrupted, 'vm' | 'id'> & { readonly moving: Promise<Reply> }> {
  const { id: vm } = await lab.vm();
  const [permit, id] = [await permitFor(vm), newCommandId()];
  await link.run('host.watch', { keptNumber: null, loadEvery: null });
  const moving = move(link, vm, permit, id);
  await source.begun.promise;
  [source.remaining, target.state] = ['still', 'arriving'];
  source.unanswered();
  await checking(link);
  return { vm, id, moving };
}

test('while the target has everything and does not answer, nobody can cancel; with its answer it is known', async () => {
  const { vm, id, moving } = await unanswered();
  const cancelled = await link.run('command.cancel', { command: id });
  expect(cancelled).toMatchObject({ status: 'refused', fault: { code: 'not-cancellable' } });
  expect(cancelled.fault?.message).toContain('whether it has left already is being found out');
  target.state = 'arrived';
  source.ended.resolve(null);
  expect(await moving).toMatchObject({ status: 'done', effects: [{ seen: 'on target', note: null }] });
  expect(await link.run('migration.decide', { vm, runs: 'here' })).toMatchObject({ fault: { code: 'not-found' } });
});

test('who cancels a moment before the target falls silent is told so as well', async () => {
  const { id: vm } = await lab.vm();
  const [permit, id] = [await permitFor(vm), newCommandId()];
  const moving = move(link, vm, permit, id);
  await source.begun.promise;
  const cancelled = link.run('command.cancel', { command: id });
  source.unanswered();
  expect(await cancelled).toMatchObject({ status: 'refused', fault: { code: 'not-cancellable' } });
  target.state = 'arrived';
  source.ended.resolve(null);
  expect(await moving).toMatchObject({ status: 'done' });
});

test('of a target that does not answer an operator says that the VM runs here, and the target is waited for no more', async () => {
  const { vm, moving } = await unanswered();
  await door.close();
  expect(await link.run('migration.decide', { vm, runs: 'here' })).toMatchObject({ status: 'done' });
  const reply = await moving;
  expect(reply).toMatchObject({ status: 'failed', fault: { code: 'move-interrupted' } });
  expect(reply.fault?.message).toContain('host target did not answer; it goes on here by the word of the operator');
  expect(source.settled).toEqual(['absent']);
  door = await open();
});

test('a target that has found its tongue meanwhile is believed before any operator', async () => {
  const { vm, moving } = await unanswered();
  target.state = 'arrived';
  expect(await link.run('migration.decide', { vm, runs: 'here' })).toMatchObject({ status: 'done' });
  expect(await moving).toMatchObject({ status: 'done', effects: [{ seen: 'on target', by: 'hypervisor' }] });
  expect(source.settled).toEqual(['arrived']);
});

test('nobody decides about a VM whose end is known', async () => {
  const { id: vm } = await lab.vm();
  expect(await link.run('migration.decide', { vm, runs: 'here' })).toMatchObject({ fault: { code: 'not-found' } });
});

test('a target whose agent was killed still knows what has become of the VM, for the host it came from alone', async () => {
  const { vm, id, permit, again } = await killed();
  [source.remaining, target.state] = ['still', 'arrived'];
  await door.close();
  door = await open();
  expect(await door.arrivals.outcome(permit.token, 'sha256:another')).toBeNull();
  await lab.core.stop(0);
  expect(await move(await again(), vm, permit, id)).toMatchObject({ status: 'done' });
  await door.close();
  door = await open();
  expect(await door.arrivals.outcome(permit.token, lab.state.pin)).toBe('arrived');
});

test('a permit that was given for another host is refused, and stays good for that one', async () => {
  const { id: vm } = await lab.vm();
  const { pin } = await createCertificate();
  const permit = await permitFor(vm, pin);
  const refused = { status: 'failed', fault: { code: 'unsupported' } };
  expect(await move(link, vm, permit)).toMatchObject(refused);
  expect(door.arrivals.claim(permit.token, {}, pin)).toBe(vm);
});

test('of two moves of one VM the second is refused, with who moves it', async () => {
  const { id: vm } = await lab.vm();
  const [permit, other] = [await permitFor(vm), await lab.as('operator')];
  const first = move(link, vm, permit);
  await source.begun.promise;
  const second = await move(other, vm, permit);
  expect(second).toMatchObject({ status: 'refused', journal: null, fault: { code: 'busy' } });
  expect(second.fault?.message).toContain('of the operator');
  target.state = 'arrived';
  source.ended.resolve(null);
  expect(await first).toMatchObject({ status: 'done' });
});

test('an agent that was killed before anything had begun says that it failed', async () => {
  const { id: vm } = await lab.vm();
  const [permit, id] = [await permitFor(vm), newCommandId()];
  const reached = Promise.withResolvers<undefined>();
  source.depart = () => {
    reached.resolve(undefined);
    return new Promise(() => undefined);
  };
  void move(link, vm, permit, id);
  await reached.promise;
  const next = await lab.afterKill();
  labs.push(next);
  expect(await move(next.link(link.operator), vm, permit, id)).toMatchObject({ status: 'failed' });
});
