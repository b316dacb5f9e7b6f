// A VM of Xen leaves for another host. virsh manages it, as it does for QEMU; its memory goes over a port of loopback that an agent
// has on either host, and to cut it is the only way to have it stay: libvirt's Xen driver aborts nothing, and counts nothing.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Transform } from 'node:stream';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../../../src/lib/model/fault.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { bytes, bytesPerSecond } from '../../../src/lib/model/units.ts';
import type { Control } from '../control.ts';
import type { Passage, Watch } from '../migration.ts';
import type { Domain } from './domains.ts';
import { describe } from './facts.ts';
import type { LibvirtHost } from './host.ts';
import { luggageOf } from './luggage.ts';
import { Mover } from './mover.ts';
import { demandAll, demandWanted, refuse } from './refusal.ts';
import { XEN_MOVES } from './unmoved.ts';
import { nameOf } from './vm.ts';
import type { XenGround } from './xen-ground.ts';
import { standing } from './xen-standing.ts';
import { agreeOnPort, xenVersion } from './xen-talk.ts';

const LOOK_EVERY = 700;
/** ms after which libvirt's client is ended that does not end once nothing can be sent. */
const PATIENCE = 60_000;

export async function departXen(
  host: LibvirtHost,
  ground: XenGround,
  id: VmId,
  passage: Passage,
  control: Control,
  watch: Watch
): Promise<Fault | null> {
  const domain = await host.domains.demand(id);
  const files = await demandMovable(host, ground, domain);
  demandWanted(control.signal);
  const from = await xenVersion(host);
  const memory = new Memory(passage, (domain.live?.memoryCurrent ?? 0) * 1024);
  const about = { kind: 'pvh', version: from, files } as const;
  const { listener, port, version } = await agreeOnPort(ground, about, passage, (stream) => memory.accept(stream));
  const directory = await mkdtemp(join(tmpdir(), 'smps-move-'));
  let controls: Server | null = null;
  let mover: Mover | null = null;
  const giveUp = (): void => mover?.close();
  const over = new AbortController();
  try {
    demandWanted(control.signal);
    const live = !isEmulated((await describe(host)).cpuModel);
    await watch.note({ running: true, autostart: domain.autostart, volumes: [], stays: told(live, from, version) });
    const path = join(directory, 'control');
    controls = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on('error', ignore); // 'close' follows.
      passage.open('control').then(
        (stream) => (mover === null ? stream.destroy() : mover.connect(socket, stream)),
        () => socket.destroy()
      );
    }).listen(path);
    await once(controls, 'listening');
    const words = ['migrate', ...(live ? ['--live'] : []), '--persistent', '--undefinesource'];
    words.push('--migrateuri', `tcp://127.0.0.1:${port}`, id, `xen+unix:///system?socket=${path}`);
    mover = new Mover(host.config.uri, host.config.virsh ?? 'virsh', words, watch);
    host.copiers.add(mover);
    watch.decided.addEventListener('abort', giveUp, { once: true });
    host.domains.quiet.add(id);
    const following = follow(memory, mover, control, over.signal);
    const broke = await mover.ended;
    over.abort();
    await following;
    host.changed(id);
    return broke;
  } finally {
    over.abort();
    memory.cut();
    void listener.close();
    watch.decided.removeEventListener('abort', giveUp);
    mover?.close();
    if (mover !== null) host.copiers.delete(mover);
    controls?.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Refuses with all that keeps it here. @returns the files its configuration names */
async function demandMovable(host: LibvirtHost, ground: XenGround, domain: Domain): Promise<readonly string[]> {
  const { live, name, state } = domain;
  if (live === null || state !== 'running') refuse('wrong-state', { state, needs: 'running' });
  const what = `moving ${nameOf(domain)}`;
  const not = (reason: string, instead: string): never => refuse('unsupported', { what, reason, instead });
  const found: (readonly string[])[] = [];
  await demandAll(what, [
    () => Promise.resolve(live.kind !== 'pvh' && not(XEN_MOVES[live.kind].reason, XEN_MOVES[live.kind].instead)),
    () => Promise.resolve(live.disks.length > 0 && not(XEN_MOVES.disks.reason, XEN_MOVES.disks.instead)),
    async () => found.push((await luggageOf(host, domain)).files),
    () =>
      Promise.resolve(
        name !== nameOf(domain) && not(`libvirt itself calls it ${name}`, 'give it that name, if it is free')
      ),
    async () => {
      const { xen, job } = await standing(host, ground, domain.id);
      if (xen !== 'runs') not('Xen does not say that it runs', 'see how it is on the host: xl list');
      if (job) not('libvirt has begun something else with it', 'wait for it to end');
    }
  ]);
  return found.flat();
}

/** QEMU's software emulation crashes guests whose memory is tracked while they run. */
const isEmulated = (cpuModel: string): boolean => /^qemu/i.test(cpuModel);

const told = (live: boolean, from: string, to: string): string | null => {
  const stood = live ? [] : ['it stood still while its memory was sent, for the host’s processor is emulated'];
  const updated = from === to ? [] : [`Xen is ${from} here and ${to} there`];
  return [...stood, ...updated].join('; ') || null;
};

/** The stream of its memory, once libvirt has connected: there is one. */
class Memory {
  readonly #passage: Passage;
  readonly #total: number;
  #sent = 0;
  #begun = false;
  #end = ignore;

  /** @param total bytes there are about to be */
  constructor(passage: Passage, total: number) {
    this.#passage = passage;
    this.#total = total;
  }

  accept(from: Duplex): void {
    from.on('error', ignore); // 'close' follows.
    if (this.#begun) {
      from.destroy();
      return;
    }
    this.#begun = true;
    this.#end = () => from.destroy();
    this.#passage.open('memory').then(
      (stream) => this.#send(from, stream),
      () => from.destroy()
    );
  }

  #send(from: Duplex, to: Duplex): void {
    const end = (): void => {
      from.destroy();
      to.destroy();
    };
    if (from.destroyed) {
      end();
      return;
    }
    this.#end = end;
    const counter = new Transform({
      transform: (chunk: Buffer, _, done) => {
        this.#sent += chunk.length;
        done(null, chunk);
      }
    });
    // Its end may come long before all of it has arrived: only what breaks is cut.
    pipeline(from, counter, to, (error) => {
      if (error) end();
    });
    to.on('error', end);
    to.once('close', () => from.destroy());
    to.resume();
  }

  get sent(): number {
    return this.#sent;
  }
  /** 0 to 1; null before it has begun. */
  get share(): number | null {
    return this.#total === 0 || !this.#begun ? null : Math.min(1, this.#sent / this.#total);
  }
  get left(): number {
    return Math.max(0, this.#total - this.#sent);
  }

  /** Nothing more of it is sent, and nothing begins to be. */
  cut(): void {
    this.#begun = true;
    this.#end();
  }
}

async function follow(memory: Memory, mover: Mover, { progress, signal }: Control, over: AbortSignal): Promise<void> {
  let patience: NodeJS.Timeout | undefined;
  const abort = (): void => {
    // Once the target decides it is too late.
    if (mover.deciding) return;
    memory.cut();
    patience = setTimeout(() => mover.abandon(), PATIENCE);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  let [at, before] = [Date.now(), 0];
  while (!over.aborted) {
    const [now, sent] = [Date.now(), memory.sent];
    const rate = now === at ? null : bytesPerSecond(((sent - before) * 1000) / (now - at));
    [at, before] = [now, sent];
    if (!mover.unanswered) progress('moving', memory.share, { remaining: bytes(memory.left), rate, pass: null });
    await pause(LOOK_EVERY, undefined, { signal: over }).catch(ignore);
  }
  signal.removeEventListener('abort', abort);
  clearTimeout(patience);
}

const ignore = (): void => undefined;
