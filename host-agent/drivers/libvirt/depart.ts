// A running VM leaves for another host, its disks copied along. virsh manages it; its sockets here lead through the passage.
// Whatever breaks, libvirt's own protocol leaves one copy running; where it cannot tell which, the target is asked.
import { chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { Effect } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Control } from '../control.ts';
import type { ArrivalState, DepartOptions, Made, Passage, StreamKind } from '../migration.ts';
import type { Domain } from './domains.ts';
import { effectNow, notes } from './effect.ts';
import type { LibvirtHost } from './host.ts';
import { parseJob } from './job-info.ts';
import { socketName } from './migration.ts';
import type { Sockets } from './migration.ts';
import { cancelledBy } from '../control.ts';
import { demandWanted, refuse } from './refusal.ts';
import { Virsh, VirshError } from './virsh.ts';
import { nameOf, placeOf } from './vm.ts';

/** Large disks over slow lines. */
const TIMEOUT = 24 * 3_600_000;
const LOOK_EVERY = 700;
const ABORT_EVERY = 500;
/** Times the target is asked what it has, and ms between two. */
const ASK = { times: 10, every: 3_000 };

export async function depart(
  host: LibvirtHost,
  sockets: Sockets,
  id: VmId,
  passage: Passage,
  options: DepartOptions,
  control: Control
): Promise<readonly Effect[]> {
  const domain = await host.domains.demand(id);
  const leaving = await demandMovable(host, domain);
  demandWanted(control.signal);
  const at = (name: string): string => join(sockets.directory, name);
  const names = { control: `${id}.control`, memory: socketName(id, 'memory'), disks: socketName(id, 'disks') };
  const servers: Server[] = [];
  // A virsh of its own: it must not take the place of what is quick.
  const mover = new Virsh(host.config.uri, host.config.virsh);
  host.copiers.add(mover);
  const over = new AbortController();
  try {
    for (const [kind, name] of Object.entries(names) as [StreamKind, string][]) {
      servers.push(await forward(at(name), () => passage.open(kind)));
    }
    const following = follow(host, id, control, over.signal);
    const instance = /\/\/\/(system|session)/.exec(host.config.uri)?.[1] ?? 'system';
    const to = `qemu+unix:///${instance}?socket=${at(names.control)}`;
    const uri = (name: string): string => `unix://${sockets.path}/${name}`;
    const words = ['migrate', '--live', '--persistent', '--undefinesource', '--abort-on-error', '--copy-storage-all'];
    if (options.autoConverge) words.push('--auto-converge');
    if (options.bandwidth !== null) words.push('--bandwidth', String(options.bandwidth));
    words.push('--migrateuri', uri(names.memory), '--disks-uri', uri(names.disks), id, to);
    const broke = await mover.change(words, { timeout: TIMEOUT }).then(
      () => null,
      (thrown: unknown) => Fault.from(thrown instanceof VirshError ? brokenBy(thrown) : thrown)
    );
    over.abort();
    await following;
    host.changed(id);
    const note = broke === null ? await told(passage) : await undecided(host, domain, passage, broke, control);
    control.progress('cleaning-up');
    const left = await removeAll(host, leaving);
    return [
      effectNow('existence', `on ${passage.to}`, { text: `on ${passage.to}`, by: 'hypervisor' }, notes(note, left))
    ];
  } finally {
    over.abort();
    host.copiers.delete(mover);
    mover.close();
    for (const server of servers) server.close();
    for (const name of Object.values(names)) await rm(at(name), { force: true });
  }
}

/** The volumes it takes along, or a refusal with what has to be done first. */
async function demandMovable(host: LibvirtHost, domain: Domain): Promise<readonly Made[]> {
  const { live, state } = domain;
  if (live === null || !['running', 'paused'].includes(state)) refuse('wrong-state', { state, needs: 'running' });
  const pools = await host.storage.pools(0);
  return live.disks.flatMap((disk) => {
    const place = placeOf(disk, pools);
    const cannot = (reason: string): never =>
      refuse('unsupported', { what: `disk ${disk.target}`, reason, instead: 'detach it first' });
    if (disk.device === 'cdrom' && place === null) return [];
    if (disk.readOnly) return cannot('it is read-only, and only what the guest can write is copied along');
    return place ?? cannot('it lies in no storage pool of this host');
  });
}

/** Each connection to the socket becomes a stream of its own. */
async function forward(path: string, open: () => ReturnType<Passage['open']>): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined); // 'close' follows.
    open().then(
      (stream) => {
        const cut = (): void => {
          socket.destroy();
          stream.destroy();
        };
        stream.once('close', cut);
        socket.once('close', cut);
        pipeline(socket, stream, cut);
        pipeline(stream, socket, cut);
      },
      () => socket.destroy()
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  // QEMU runs as another user; only those who may enter the directory get here.
  await chmod(path, 0o666);
  return server;
}

/** Tells how far it is, and has it aborted when that is wanted, until it is over. */
async function follow(host: LibvirtHost, id: VmId, { progress, signal }: Control, over: AbortSignal): Promise<void> {
  const abort = async (): Promise<void> => {
    while (!over.aborted) {
      // It may be about to begin.
      await host.virsh.change(['domjobabort', id]).catch(() => null);
      await pause(ABORT_EVERY, undefined, { signal: over }).catch(() => null);
    }
  };
  const aborting = new Promise<void>((resolve) => {
    const begin = (): void => void abort().then(resolve);
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
    over.addEventListener('abort', () => resolve(), { once: true });
  });
  while (!over.aborted) {
    const [text = ''] = await host.virsh.read([`domjobinfo ${id} --rawstats`]).catch(() => ['']);
    const job = parseJob(text);
    if (job !== null) progress(job.stage, job.share, { remaining: job.remaining, rate: job.rate, pass: job.pass });
    await pause(LOOK_EVERY, undefined, { signal: over }).catch(() => null);
  }
  await aborting;
}

/** The target shows the VM from now on; that it cannot be told changes nothing. */
const told = (passage: Passage): Promise<null> =>
  passage.look().then(
    () => null,
    () => null
  );

/**
 * virsh did not end well. When the VM runs here as before, it has not left; while it stands still, the target knows.
 * @returns a note when it has left all the same @throws Fault or refusal when it has not, or when nobody can tell
 */
async function undecided(
  host: LibvirtHost,
  before: Domain,
  passage: Passage,
  broke: Fault,
  { signal }: Control
): Promise<string> {
  const now = await host.domains.get(before.id);
  if (now !== null && (now.state === 'running' || (now.state === 'paused' && before.state === 'paused'))) {
    if (signal.aborted) refuse('cancelled', cancelledBy(signal, ''));
    throw broke;
  }
  const there = await ask(passage);
  if (there === 'arrived') {
    if (now !== null) await host.virsh.change(['destroy', before.id]).catch(() => null);
    if (now !== null) await host.virsh.change(['undefine', before.id]).catch(() => null);
    return `libvirt said: ${broke.message}`;
  }
  if (there === 'absent' && now !== null) {
    await host.virsh.change(['resume', before.id]);
    if (signal.aborted) refuse('cancelled', cancelledBy(signal, ''));
    throw broke;
  }
  // It stays as it is: two running copies would be worse than none.
  throw new Fault('interrupted', { what: `moving ${nameOf(before)} to ${passage.to}` }, { cause: broke });
}

async function ask(passage: Passage): Promise<ArrivalState | null> {
  for (let times = 0; times < ASK.times; times++) {
    const state = await passage.look().catch(() => null);
    if (state === 'arrived' || state === 'absent') return state;
    await pause(ASK.every);
  }
  return null;
}

const brokenBy = (error: VirshError): Fault =>
  new Fault('hypervisor', { operation: error.operation, reason: error.message }, { cause: error });

async function removeAll(host: LibvirtHost, places: readonly Made[]): Promise<string | null> {
  const failed: string[] = [];
  for (const { pool, volume } of places) {
    await host.storage.remove(pool, volume).catch(() => failed.push(volume));
  }
  return failed.length === 0 ? null : `could not be deleted here: ${failed.join(', ')}`;
}
