// A running VM leaves for another host, its disks copied along. virsh manages it; its sockets here lead through the passage.
import { chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Control } from '../control.ts';
import type { DepartOptions, Leaving, Made, Passage, StreamKind } from '../migration.ts';
import type { Domain } from './domains.ts';
import type { LibvirtHost } from './host.ts';
import { parseJob } from './job-info.ts';
import { socketName } from './migration.ts';
import type { Sockets } from './migration.ts';
import { Mover } from './mover.ts';
import { demandWanted, refuse } from './refusal.ts';
import { placeOf } from './vm.ts';

const LOOK_EVERY = 700;
const ABORT_EVERY = 500;
/** Tries to abort, after which the client of the migration is ended instead. */
const ABORT_TIMES = 20;

export async function depart(
  host: LibvirtHost,
  sockets: Sockets,
  id: VmId,
  passage: Passage,
  options: DepartOptions,
  control: Control,
  note: (leaving: Leaving) => Promise<void>
): Promise<Fault | null> {
  const domain = await host.domains.demand(id);
  const volumes = await demandMovable(host, domain);
  demandWanted(control.signal);
  await note({ running: domain.state === 'running', volumes });
  const at = (name: string): string => join(sockets.directory, name);
  const names = { control: `${id}.control`, memory: socketName(id, 'memory'), disks: socketName(id, 'disks') };
  const servers: Server[] = [];
  const over = new AbortController();
  let mover: Mover | null = null;
  try {
    for (const [kind, name] of Object.entries(names) as [StreamKind, string][]) {
      const join = (socket: Socket, stream: Duplex): void =>
        kind === 'control' && mover !== null ? mover.connect(socket, stream) : joined(socket, stream);
      servers.push(await forward(at(name), () => passage.open(kind), join));
    }
    const instance = /\/\/\/(system|session)/.exec(host.config.uri)?.[1] ?? 'system';
    const to = `qemu+unix:///${instance}?socket=${at(names.control)}`;
    const uri = (name: string): string => `unix://${sockets.path}/${name}`;
    const words = ['migrate', '--live', '--persistent', '--undefinesource', '--abort-on-error', '--copy-storage-all'];
    if (options.autoConverge) words.push('--auto-converge');
    if (options.bandwidth !== null) words.push('--bandwidth', String(options.bandwidth));
    words.push('--migrateuri', uri(names.memory), '--disks-uri', uri(names.disks), id, to);
    mover = new Mover(host.config.uri, host.config.virsh ?? 'virsh', words);
    host.copiers.add(mover);
    const following = follow(host, id, mover, control, over.signal);
    const broke = await mover.ended;
    over.abort();
    await following;
    host.changed(id);
    return broke;
  } finally {
    over.abort();
    mover?.close();
    if (mover !== null) host.copiers.delete(mover);
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
async function forward(
  path: string,
  open: () => Promise<Duplex>,
  join: (socket: Socket, stream: Duplex) => void
): Promise<Server> {
  await rm(path, { force: true });
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined); // 'close' follows.
    open().then(
      (stream) => join(socket, stream),
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

function joined(socket: Socket, stream: Duplex): void {
  const cut = (): void => {
    socket.destroy();
    stream.destroy();
  };
  stream.once('close', cut);
  socket.once('close', cut);
  pipeline(socket, stream, cut);
  pipeline(stream, socket, cut);
}

/** Tells how far it is, and has it aborted when that is wanted, until it is over. */
async function follow(
  host: LibvirtHost,
  id: VmId,
  mover: Mover,
  { progress, signal }: Control,
  over: AbortSignal
): Promise<void> {
  const abort = async (): Promise<void> => {
    for (let times = 0; !over.aborted; times++) {
      // It may be about to begin; a target that does not answer keeps it from beginning at all.
      const aborted = await host.virsh.change(['domjobabort', id]).catch(() => null);
      if (aborted === null && times >= ABORT_TIMES) mover.close();
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
