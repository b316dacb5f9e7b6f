import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { done, Fault, refused } from '../../src/lib/model/fault.ts';
import type { Outcome } from '../../src/lib/model/fault.ts';
import { vmId } from '../../src/lib/model/ids.ts';
import type { VmId } from '../../src/lib/model/ids.ts';
import { mib } from '../../src/lib/model/units.ts';
import type { ArrivalState, Coming, Migration, NoteMade } from '../drivers/migration.ts';
import { newCommandId } from '../../tests/support/agent-lab.ts';
import { silent } from '../log.ts';
import { LibvirtHost } from '../drivers/libvirt/host.ts';
import { migrationOf } from '../drivers/libvirt/migration.ts';
import { UNMOVED, unmovedBecause } from '../drivers/libvirt/unmoved.ts';
import { parseArrival, printArrival } from './arrival-file.ts';
import { Arrivals, PERMIT_LIFETIME } from './arrivals.ts';
import type { Permit } from './arrivals.ts';
import { hashOf } from './token.ts';

const VM = vmId('11111111-2222-3333-4444-555555555555');
const PIN = `sha256:${'A'.repeat(43)}`;
const coming: Coming = {
  vm: VM,
  name: 'db-1',
  hypervisor: 'qemu',
  accelerator: 'kvm',
  cpuModel: 'any',
  memory: mib(64),
  running: true,
  autostart: null,
  from: PIN,
  disks: [],
  nics: []
};
const made = [{ pool: 'p', volume: 'v' }];

/** A hypervisor of which a test says what has become of the VM. */
class Host implements Migration {
  readonly sockets = '/s';
  readonly witness = 'hypervisor';
  state: ArrivalState = 'absent';
  volumes = 0;
  shown = false;
  /** What the hypervisor says to the next attempts to have the VM start with its host. */
  unwilling: Fault[] = [];
  autostart = false;
  /** What happens once it is noted what will be made. */
  making: () => Promise<Outcome<typeof made>> = () => {
    this.volumes++;
    return Promise.resolve(done(made));
  };
  prepare = async (_: Coming, note: NoteMade) => {
    await note(made);
    return this.making();
  };
  connect = () => new PassThrough();
  look = () => Promise.resolve(this.state);
  setAutostart = (_vm: VmId, on: boolean) => {
    const fault = this.unwilling.shift();
    if (fault !== undefined) return Promise.reject(fault);
    // While nobody is shown it.
    this.autostart = on && !this.shown;
    return Promise.resolve();
  };
  welcome = () => {
    this.shown = true;
  };
  release = () => {
    if (this.state !== 'arrived') [this.state, this.volumes] = ['absent', this.volumes - 1];
    return Promise.resolve(this.state);
  };
  evict: (() => Promise<void>) | null = () => {
    this.state = 'arriving';
    return Promise.resolve();
  };
  depart = () => Promise.reject(new Error('not asked for here'));
  remains = () => Promise.reject(new Error('not asked for here'));
  settle = () => Promise.reject(new Error('not asked for here'));
}

let directory: string;
let now: number;
let host: Host;
const open = (): Arrivals => {
  const arrivals = new Arrivals({ directory, migration: host, now: () => now, log: silent });
  arrivals.reachedAt('https://127.0.0.1:1', 'pin');
  return arrivals;
};
const permitOf = async (arrivals: Arrivals, autostart: boolean | null = null): Promise<Permit> => {
  const outcome = await arrivals.prepare({ ...coming, autostart });
  if (outcome.status === 'refused') throw outcome.fault;
  return outcome.value;
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'smps-arrivals-'));
  now = 1_000_000;
  host = new Host();
});
afterEach(() => rm(directory, { recursive: true }));

test('what an agent that ended was about to make is removed by the next', async () => {
  const arrivals = open();
  const begun = Promise.withResolvers<null>();
  host.making = () => {
    host.volumes++;
    begun.resolve(null);
    return new Promise(() => undefined);
  };
  void arrivals.prepare(coming);
  await begun.promise;
  arrivals.close();
  const next = open();
  await next.recover();
  // Only what a source may still ask for.
  await expect.poll(() => readdir(directory)).toEqual(['ended.json']);
  expect(host.volumes).toBe(0);
  next.close();
});

test('what is written of one that is not settled yet outlives the wish to have it come once more', async () => {
  const arrivals = open();
  await permitOf(arrivals);
  const written = await readdir(directory);
  const look = host.look;
  host.look = () => {
    // It gives up when the agent ends, and the hypervisor has not answered by then.
    arrivals.close();
    return Promise.reject(new Fault('hypervisor-down', { reason: 'it hangs' }));
  };
  host.making = () => Promise.reject(new Error('nothing is made'));
  expect(await arrivals.prepare(coming)).toMatchObject({ status: 'refused', fault: { code: 'busy' } });
  expect(await readdir(directory)).toEqual(written);
  host.look = look;
  const next = open();
  await next.recover();
  await expect.poll(() => host.volumes).toBe(0);
  next.close();
});

test.each(['refused', 'thrown'])('of what could not be made nothing is kept: %s', async (how) => {
  const full = new Fault('no-space', { where: 'pool p', need: '1 MiB', free: '0 MiB' });
  host.making = () => (how === 'thrown' ? Promise.reject(full) : Promise.resolve(refused('no-space', full.detail)));
  const arrivals = open();
  if (how === 'thrown') await expect(arrivals.prepare(coming)).rejects.toBe(full);
  else expect((await arrivals.prepare(coming)).status).toBe('refused');
  expect(await readdir(directory)).toEqual([]);
  arrivals.close();
});

test('a token lets one peer in, once, and streams come from that peer alone', async () => {
  const arrivals = open();
  const { token } = await permitOf(arrivals);
  const [peer, other] = [{}, {}];
  expect(arrivals.connect(token, peer, PIN, 'memory')).toBeNull();
  expect(arrivals.claim('A'.repeat(43), peer, PIN)).toBeNull();
  expect(arrivals.claim(token, peer, PIN)).toBe(VM);
  expect(arrivals.claim(token, peer, PIN)).toBeNull();
  expect(arrivals.claim(token, other, PIN)).toBeNull();
  expect(arrivals.connect(token, other, PIN, 'memory')).toBeNull();
  expect(arrivals.connect(token, peer, PIN, 'memory')).not.toBeNull();
  arrivals.close();
});

test('a token is void when it has expired, was taken back, or another was given for the VM', async () => {
  const arrivals = open();
  const first = await permitOf(arrivals);
  const second = await permitOf(arrivals);
  expect(arrivals.claim(first.token, {}, PIN)).toBeNull();
  await arrivals.release(VM);
  expect(arrivals.claim(second.token, {}, PIN)).toBeNull();
  const third = await permitOf(arrivals);
  now += PERMIT_LIFETIME + 1;
  expect(arrivals.claim(third.token, {}, PIN)).toBeNull();
  expect(host.volumes).toBe(1);
  arrivals.close();
});

test('while the VM is on its way the target takes no second one of it', async () => {
  const arrivals = open();
  const { token } = await permitOf(arrivals);
  arrivals.claim(token, {}, PIN);
  expect(await arrivals.prepare(coming)).toMatchObject({ status: 'refused', fault: { code: 'busy' } });
  arrivals.close();
});

test.each<[ArrivalState, boolean, number]>([
  ['arrived', true, 1],
  ['absent', false, 0]
])('when the peer leaves, a VM that is %s decides what stays', async (state, shown, volumes) => {
  const arrivals = open();
  const [peer, { token }] = [{}, await permitOf(arrivals)];
  arrivals.claim(token, peer, PIN);
  host.state = state;
  arrivals.left(peer);
  expect(await arrivals.outcome(token, PIN)).toBe(state);
  expect(host).toMatchObject({ shown, volumes });
  expect(await readdir(directory)).toEqual(['ended.json']);
  arrivals.close();
});

test.each([true, false, null])('a VM that has arrived starts with this host where that was said: %s', async (said) => {
  const arrivals = open();
  const [peer, { token }] = [{}, await permitOf(arrivals, said)];
  arrivals.claim(token, peer, PIN);
  host.state = 'arrived';
  expect(await arrivals.outcome(token, PIN)).toBe('arrived');
  expect(host).toMatchObject({ shown: true, autostart: said === true });
  arrivals.close();
});

test('so does one that arrived while the agent was away', async () => {
  const first = open();
  const { token } = await permitOf(first, true);
  first.claim(token, {}, PIN);
  first.close();
  host.state = 'arrived';
  const next = open();
  await next.recover();
  expect(await next.outcome(token, PIN)).toBe('arrived');
  expect(host).toMatchObject({ shown: true, autostart: true });
  next.close();
});

test('an arrival written down by an older agent says nothing of it', () => {
  const written = { vm: VM, name: 'db-1', from: PIN, hash: hashOf('A'.repeat(43)), made };
  expect(parseArrival('f', JSON.stringify({ version: 1, ...written }))).toMatchObject({
    autostart: false,
    stays: false,
    entry: null
  });
  const now = { ...written, autostart: true, stays: true, entry: newCommandId() };
  expect(parseArrival('f', printArrival(now))).toEqual(now);
  expect(() => parseArrival('f', JSON.stringify({ version: 1, ...written, autostart: 'yes' }))).toThrow();
});

test.each([
  [new Fault('hypervisor', { operation: 'autostart', reason: 'no' }), false],
  [new Fault('hypervisor-down', { reason: 'it ended' }), true]
])('a hypervisor that will not have it so keeps no VM away, one that is down is asked again: %s', async (fault, is) => {
  const arrivals = open();
  const [peer, { token }] = [{}, await permitOf(arrivals, true)];
  arrivals.claim(token, peer, PIN);
  host.state = 'arrived';
  host.unwilling = [fault];
  expect(await arrivals.outcome(token, PIN)).toBe('arrived');
  expect(host).toMatchObject({ shown: true, autostart: is });
  arrivals.close();
});

test('what an agent that died had prepared is removed by the next one, unless the VM has arrived', async () => {
  const first = open();
  await permitOf(first);
  first.close();
  expect(await readdir(directory)).toEqual([`${VM}.json`]);
  const next = open();
  await next.recover();
  await expect.poll(() => host.volumes).toBe(0);
  await expect.poll(() => readdir(directory)).toEqual(['ended.json']);
  next.close();
});

/** A hypervisor that hangs, until it goes on. */
function hanging(state: ArrivalState): () => void {
  const hung = Promise.withResolvers<undefined>();
  host.look = async () => {
    await hung.promise;
    return host.state;
  };
  host.state = state;
  return () => hung.resolve(undefined);
}
const claimed = async (arrivals: Arrivals): Promise<Permit> => {
  const permit = await permitOf(arrivals);
  arrivals.claim(permit.token, {}, PIN);
  return permit;
};
const outcomes = async (arrivals: Arrivals, token: string): Promise<unknown> => [
  await arrivals.outcome(token, PIN),
  host.state,
  host.volumes,
  host.shown
];

test('a VM that stays where it was by the word of an operator is ended here when the hypervisor goes on, though it runs', async () => {
  const arrivals = open();
  const { token } = await claimed(arrivals);
  const goOn = hanging('arrived');
  expect(await arrivals.stays(token, 'sha256:another')).toBeNull();
  expect(await arrivals.stays(token, PIN)).toBe('absent');
  goOn();
  expect(await outcomes(arrivals, token)).toEqual(['absent', 'absent', 0, false]);
}, 10_000);

test('so does the next run of the agent', async () => {
  const arrivals = open();
  const { token } = await claimed(arrivals);
  hanging('arrived');
  await arrivals.stays(token, PIN);
  arrivals.close();
  host.look = () => Promise.resolve(host.state);
  const next = open();
  await next.recover();
  expect(await outcomes(next, token)).toEqual(['absent', 'absent', 0, false]);
}, 10_000);

test.each<[ArrivalState, string]>([
  ['arrived', 'arrived'],
  ['absent', 'absent']
])('where the hypervisor says that it is %s, no word of an operator changes that', async (state, said) => {
  const arrivals = open();
  const { token } = await claimed(arrivals);
  host.state = state;
  expect(await arrivals.stays(token, PIN)).toBe(said);
  expect(host.state).toBe(state);
  expect(host.shown).toBe(state === 'arrived');
});

test('a hypervisor that cannot end what runs is told nothing of it', async () => {
  const arrivals = open();
  const { token } = await claimed(arrivals);
  host.evict = null;
  hanging('arriving');
  expect(await arrivals.stays(token, PIN)).toBeNull();
});

test('an agent without sockets refuses to prepare, with the driver’s reason', async () => {
  const unmoved = unmovedBecause({ uri: 'qemu:///system', images: '/images' });
  const arrivals = new Arrivals({ directory, migration: null, unmoved, now: () => now, log: silent });
  expect(await arrivals.prepare(coming)).toMatchObject({
    status: 'refused',
    fault: { code: 'unsupported', detail: { ...UNMOVED.sockets, what: 'moving a VM here' } }
  });
});

test.each([
  ['qemu:///system', null, UNMOVED.sockets],
  ['qemu+tcp://10.0.0.1/system', { directory: '/s', path: '/s' }, UNMOVED.beside],
  ['xen+tcp://10.0.0.1/system', { directory: '/s', path: '/s' }, UNMOVED.beside],
  ['xen:///system', null, process.getuid?.() === 0 ? null : UNMOVED.root],
  ['qemu:///system', { directory: '/s', path: '/s' }, null]
])('VMs of %s with sockets %j do not move because of %j', (uri, sockets, because) => {
  const config = { uri, images: '/images', sockets };
  expect(unmovedBecause(config)).toEqual(because);
  const host = new LibvirtHost(config);
  expect(migrationOf(host) === null).toBe(because !== null);
  host.close();
});
