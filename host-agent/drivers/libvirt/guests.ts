// What each running guest sees, remembered for a few seconds and asked for in the background: a guest that does not answer
// delays nobody. Only guests whose agent is connected are asked, and those that fail are left alone for a while.
import { setTimeout as pause } from 'node:timers/promises';
import type { VmId } from '../../../src/lib/model/ids.ts';
import type { Domain } from './domains.ts';
import { guestDisks, guestNics, guestVcpus } from './guest-agent.ts';
import type { GuestDisk, GuestNic } from './guest-agent.ts';
import type { Virsh } from './virsh.ts';

export type Sight = {
  /** Instant of `vcpus`. */
  readonly at: number;
  readonly vcpus: number | null;
  readonly disks: readonly GuestDisk[];
  readonly nics: readonly GuestNic[];
};

type Known = { sight: Sight | null; devices: string; devicesAt: number; askAfter: number; notes: number };

const VCPUS_EVERY = 9_000;
const DEVICES_EVERY = 60_000;
const AFTER_SILENCE = 20_000;
/** Guests looked at together are asked together; those of which something is known, a moment after what changed. */
const GATHER = 20;
const SETTLE = 400;

export class Guests {
  readonly #virsh: Virsh;
  readonly #known = new Map<VmId, Known>();
  readonly #onNews: (id: VmId) => void;
  #due = new Map<VmId, Domain>();
  #asking = false;
  #closed = false;

  /** @param onNews called when a guest sees something else than before. */
  constructor(virsh: Virsh, onNews: (id: VmId) => void) {
    this.#virsh = virsh;
    this.#onNews = onNews;
  }

  /** What is known, at once; asks in the background where that is old. */
  sight(domain: Domain): Sight | null {
    if (!canAnswer(domain)) {
      // A paused guest sees what it saw; one whose agent is gone is booting, or has none.
      if (domain.live === null || domain.state === 'running') this.#known.delete(domain.id);
      return this.#known.get(domain.id)?.sight ?? null;
    }
    const known = this.#of(domain.id);
    if (known.devices !== devicesOf(domain) || Date.now() >= known.askAfter) {
      this.#due.set(domain.id, domain);
      if (!this.#asking) void this.#askDue();
    }
    return known.sight;
  }

  /** What is known, whatever it is worth by now; nothing is asked. */
  known(id: VmId): Sight | null {
    return this.#known.get(id)?.sight ?? null;
  }

  /** Keeps what an operation has just learned from the guest. */
  note(id: VmId, learned: Partial<Omit<Sight, 'at'>>): void {
    const known = this.#of(id);
    known.notes++;
    known.sight = { vcpus: null, disks: [], nics: [], ...known.sight, ...learned, at: Date.now() };
  }

  /** It may see something else now. */
  forget(id: VmId): void {
    const known = this.#known.get(id);
    if (known) known.askAfter = 0;
  }

  close(): void {
    this.#closed = true;
  }

  #of(id: VmId): Known {
    let known = this.#known.get(id);
    if (!known) this.#known.set(id, (known = { sight: null, devices: '', devicesAt: 0, askAfter: 0, notes: 0 }));
    return known;
  }

  async #askDue(): Promise<void> {
    this.#asking = true;
    try {
      const news = [...this.#due.keys()].some((id) => this.known(id) === null);
      await pause(news ? GATHER : SETTLE, undefined, { ref: false });
      const due = [...this.#due.values()];
      this.#due = new Map();
      if (this.#closed) return;
      const answers = await guestVcpus(
        this.#virsh,
        due.map((domain) => domain.id)
      );
      for (const [index, domain] of due.entries()) await this.#take(domain, answers[index]?.online ?? null);
    } catch {
      // The daemon is away: they are due again at the next look.
    } finally {
      this.#asking = false;
    }
  }

  /** Keeps what a guest answered, and asks for its devices when they are due too. */
  async #take(domain: Domain, vcpus: number | null): Promise<void> {
    const known = this.#of(domain.id);
    const now = Date.now();
    if (vcpus === null) {
      known.askAfter = now + AFTER_SILENCE;
      return;
    }
    const { sight: before, notes } = known;
    let { disks, nics } = before ?? { disks: [], nics: [] };
    if (known.devices !== devicesOf(domain) || now - known.devicesAt > DEVICES_EVERY) {
      disks = (await guestDisks(this.#virsh, domain.id)) ?? [];
      nics = (await guestNics(this.#virsh, domain.id)) ?? [];
      // An operation knows better than what was asked for before it ended: then this is asked for again.
      if (known.notes !== notes) return;
      known.devicesAt = now;
      // A guest that has just booted gets its addresses a little later: then they are asked for once more.
      const early = before === null && nics.some((nic) => nic.addresses.length === 0);
      known.devices = early ? '' : devicesOf(domain);
    }
    known.sight = { at: now, vcpus, disks, nics };
    known.askAfter = now + VCPUS_EVERY;
    if (before === null || !sameSight(before, known.sight)) this.#onNews(domain.id);
  }
}

const canAnswer = (domain: Domain): boolean => domain.state === 'running' && domain.live?.agent === true;

/** Changes when the guest may see other devices than before. */
const devicesOf = (domain: Domain): string =>
  JSON.stringify([
    domain.live?.disks.map((disk) => [disk.target, disk.pci]),
    domain.live?.nics.map((nic) => nic.mac),
    [...(domain.figures ?? [])].filter(([key]) => /^block\.\d+\.capacity$/.test(key))
  ]);

const sameSight = (a: Sight, b: Sight): boolean =>
  JSON.stringify([a.vcpus, a.disks, a.nics]) === JSON.stringify([b.vcpus, b.disks, b.nics]);

/** The guest's own name and size for a disk of the configuration; null when it does not see it. */
export function diskSeen(
  disks: readonly GuestDisk[],
  disk: { readonly serial: string | null; readonly pci: string | null }
): GuestDisk | null {
  // The serial is certain; the address holds where guest and hypervisor number buses alike; the name is a guess not taken.
  return (
    disks.find((each) => disk.serial !== null && each.serial === disk.serial.slice(0, 20)) ??
    disks.find((each) => each.serial === null && disk.pci !== null && each.pci === disk.pci) ??
    null
  );
}

export const nicSeen = (nics: readonly GuestNic[], mac: string): GuestNic | null =>
  nics.find((nic) => nic.mac === mac) ?? null;
