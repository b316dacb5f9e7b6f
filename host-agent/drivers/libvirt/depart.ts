// A VM leaves for another host, its disks copied along where they are not on storage that both see. virsh manages it; its sockets here lead through the passage.
import { chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes } from '../../../src/lib/model/units.ts';
import type { Control } from '../control.ts';
import type { DepartOptions, Passage, StreamKind, Watch } from '../migration.ts';
import { agree } from './agree.ts';
import { downtimeOf, QEMU_DOWNTIME } from './downtime.ts';
import type { Downtime } from './downtime.ts';
import { describe } from './facts.ts';
import type { LibvirtHost } from './host.ts';
import { MigrationJob } from './job-info.ts';
import { losesWrites } from './lost-writes.ts';
import { luggageOf } from './luggage.ts';
import type { Piece } from './luggage.ts';
import { socketName } from './migration.ts';
import type { Sockets } from './migration.ts';
import { Mover } from './mover.ts';
import { demandWanted } from './refusal.ts';
import { mibText } from './storage.ts';
import { wake } from './wake.ts';

/** As errno says it (ENOSPC), and so QEMU. */
const FULL = /No space left/;
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
  watch: Watch
): Promise<Fault | null> {
  const domain = await host.domains.demand(id);
  const luggage = await luggageOf(host, domain);
  demandWanted(control.signal);
  const stays = await agree(host, domain, luggage, passage, control);
  demandWanted(control.signal);
  const { hypervisorVersion } = await describe(host);
  const downtime = downtimeOf(options.downtime, losesWrites(domain.live?.type ?? '', hypervisorVersion));
  const goes = luggage.pieces.filter((piece) => !stays.includes(piece));
  const volumes = goes.map(({ pool, volume }) => ({ pool, volume }));
  await watch.note({
    running: domain.state === 'running',
    autostart: domain.autostart,
    volumes,
    stays: told(stays)
  });
  const at = (name: string): string => join(sockets.directory, name);
  const names = { control: `${id}.control`, memory: socketName(id, 'memory'), disks: socketName(id, 'disks') };
  const servers: Server[] = [];
  const over = new AbortController();
  let mover: Mover | null = null;
  const giveUp = (): void => mover?.close();
  try {
    for (const [kind, name] of Object.entries(names) as [StreamKind, string][]) {
      const join = (socket: Socket, stream: Duplex): void =>
        kind === 'control' && mover !== null ? mover.connect(socket, stream) : joined(socket, stream);
      servers.push(await forward(at(name), () => passage.open(kind), join));
    }
    const instance = /\/\/\/(system|session)/.exec(host.config.uri)?.[1] ?? 'system';
    const to = `qemu+unix:///${instance}?socket=${at(names.control)}`;
    const uri = (name: string): string => `unix://${sockets.path}/${name}`;
    const words = ['migrate', '--live', '--persistent', '--undefinesource', '--abort-on-error'];
    const copied = copying(luggage.pieces, goes);
    words.push(...copied);
    if (domain.live === null) words.push('--suspend');
    if (options.autoConverge) words.push('--auto-converge');
    if (options.bandwidth !== null) words.push('--bandwidth', String(options.bandwidth));
    words.push('--migrateuri', uri(names.memory));
    if (copied.length > 0) words.push('--disks-uri', uri(names.disks));
    words.push(id, to);
    if (domain.live === null) await wake(host, domain);
    await allow(host, id, downtime(null));
    mover = new Mover(host.config.uri, host.config.virsh ?? 'virsh', words, watch);
    host.copiers.add(mover);
    watch.decided.addEventListener('abort', giveUp, { once: true });
    const job = new MigrationJob(bytes(((domain.live ?? domain.inactive)?.memoryCurrent ?? 0) * 1024));
    const following = follow(host, id, { mover, job, downtime }, control, over.signal);
    const broke = await mover.ended;
    over.abort();
    await following;
    if (broke !== null) await allow(host, id, QEMU_DOWNTIME);
    host.changed(id);
    return broke !== null && goes.length > 0 && FULL.test(broke.message) ? noRoom(goes) : broke;
  } finally {
    over.abort();
    watch.decided.removeEventListener('abort', giveUp);
    mover?.close();
    if (mover !== null) host.copiers.delete(mover);
    for (const server of servers) server.close();
    for (const name of Object.values(names)) await rm(at(name), { force: true });
  }
}

/** What QEMU writes to is the target's: here only the guest writes. */
const noRoom = (goes: readonly Piece[]): Fault => {
  const need = goes.reduce((sum, { capacity }) => sum + capacity, 0);
  return new Fault('no-space', { where: 'the target', need: mibText(need), free: '' });
};

const told = (stays: readonly Piece[]): string | null => {
  const disks = stays.filter(({ cdrom }) => !cdrom).map(({ target }) => target);
  return disks.length === 0 ? null : `${disks.join(', ')} on shared storage, not copied`;
};

/** What libvirt is to copy. By itself it would copy all that the guest writes to. */
function copying(pieces: readonly Piece[], goes: readonly Piece[]): readonly string[] {
  const written = goes.filter(({ readOnly }) => !readOnly);
  if (written.length === 0) return [];
  const all = pieces.every((piece) => piece.readOnly || written.includes(piece));
  const some = all ? [] : ['--migrate-disks', written.map(({ target }) => target).join(',')];
  return ['--copy-storage-all', ...some];
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

/** A libvirt that does not take it moves the VM with QEMU's own limit. It holds for as long as the VM runs here. */
const allow = (host: LibvirtHost, id: VmId, downtime: number): Promise<unknown> =>
  host.virsh.change(['migrate-setmaxdowntime', id, String(downtime)]).catch(() => null);

/** Tells how far it is, and has it aborted when that is wanted, until it is over. */
async function follow(
  host: LibvirtHost,
  id: VmId,
  { mover, job, downtime }: { readonly mover: Mover; readonly job: MigrationJob; readonly downtime: Downtime },
  { progress, signal }: Control,
  over: AbortSignal
): Promise<void> {
  const abort = async (): Promise<void> => {
    for (let times = 0; !over.aborted; times++) {
      // It may be about to begin; a target that does not answer keeps it from beginning at all. Once the target decides it is too late.
      if (!mover.deciding) {
        const aborted = await host.virsh.change(['domjobabort', id]).catch(() => null);
        if (aborted === null && times >= ABORT_TIMES) mover.abandon();
      }
      await pause(ABORT_EVERY, undefined, { signal: over }).catch(() => null);
    }
  };
  const aborting = new Promise<void>((resolve) => {
    const begin = (): void => void abort().then(resolve);
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
    over.addEventListener('abort', () => resolve(), { once: true });
  });
  let allowed = downtime(null);
  while (!over.aborted) {
    const [text = ''] = await host.virsh.read([`domjobinfo ${id} --rawstats`]).catch(() => ['']);
    const far = job.read(text, performance.now());
    if (far !== null && !mover.unanswered) {
      const { stage, share, ...sent } = far;
      progress(stage, share, sent);
      const now = downtime(far.pass);
      if (now !== allowed) await allow(host, id, (allowed = now));
    }
    await pause(LOOK_EVERY, undefined, { signal: over }).catch(() => null);
  }
  await aborting;
}
