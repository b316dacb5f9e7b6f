// How the CPUs of a libvirt host are divided among its VMs, as the hypervisor has it now. QEMU's live configuration tells that;
// Xen's does not: it is asked for, and Xen forgets a cap at each start of a domain, so that it is given again from our note.
import { ORDINARY, sameShare } from '../../../src/lib/model/cpu-share.ts';
import type { CpuShare } from '../../../src/lib/model/cpu-share.ts';
import type { Capability, Vm } from '../../../src/lib/model/fleet.ts';
import type { VmId } from '../../../src/lib/model/ids.ts';
import { scaleHere, weightOf } from './cgroup.ts';
import type { Scale } from './cgroup.ts';
import { affinityOf } from './cputune.ts';
import type { TuneXml } from './cputune.ts';
import type { Domain } from './domains.ts';
import { parseNodeinfo } from './nodeinfo.ts';
import { readCredit } from './schedinfo.ts';
import type { Virsh } from './virsh.ts';

/** `reason`: why CPU time is not divided. */
export type Division =
  { readonly by: 'credit' } | { readonly by: 'cgroup'; readonly scale: Scale } | { readonly reason: string };

type Known = { readonly run: string | null; readonly readAt: number; readonly share: CpuShare | null };

/** What somebody else changed is found within this time, so many at once. */
const REREAD_AFTER = 10_000;
const REREAD_AT_ONCE = 4;

const SESSION =
  'libvirt divides CPU time only where it runs as the system’s daemon (qemu:///system), not in an unprivileged session';
const REMOTE = 'which measure its cgroups have is known only to an agent that runs on the host itself';
const NO_CGROUPS = 'the host has no cgroup controller “cpu”';

export class Processors {
  readonly #virsh: Virsh;
  readonly #qemu: Division;
  readonly #known = new Map<VmId, Known>();
  /** The run of each domain in which its cap was looked after. */
  readonly #capped = new Map<VmId, string | null>();
  #count: number | null = null;

  /** @param local the hypervisor runs on this machine */
  constructor(virsh: Virsh, uri: string, local: boolean, scale: Scale | null = scaleHere()) {
    this.#virsh = virsh;
    if (/^qemu[^/]*:\/\/[^/]*\/session/.test(uri)) this.#qemu = { reason: SESSION };
    else if (!local) this.#qemu = { reason: REMOTE };
    else this.#qemu = scale === null ? { reason: NO_CGROUPS } : { by: 'cgroup', scale };
  }

  /** @param type libvirt's domain type */
  division(type: string): Division {
    return type === 'xen' ? { by: 'credit' } : this.#qemu;
  }

  /** What of `known`, which holds for all hosts of a kind, holds here. */
  capability(type: string, known: Capability): Capability {
    const division = this.division(type);
    if ('reason' in division) return { ...known, live: false, reason: division.reason };
    return division.by === 'cgroup' ? { ...known, reason: null } : known;
  }

  /** How many CPUs the host has; null: it does not say. */
  async count(): Promise<number | null> {
    if (this.#count === null) {
      const [text = ''] = await this.#virsh.read(['nodeinfo']);
      this.#count = parseNodeinfo(text).cpus;
    }
    return this.#count;
  }

  /** Before `of` is asked about them. */
  async look(domains: readonly Domain[]): Promise<void> {
    if (domains.some(({ live, inactive }) => isPinned(live?.tune) || isPinned(inactive?.tune))) await this.count();
    const now = Date.now();
    const running = domains.filter(({ live }) => live?.type === 'xen');
    const aged = ({ id }: Domain): boolean => now - (this.#known.get(id)?.readAt ?? 0) > REREAD_AFTER;
    const isNew = ({ id, live }: Domain): boolean => this.#known.get(id)?.run !== live?.run;
    const due = [
      ...running.filter(isNew),
      ...running.filter((each) => !isNew(each) && aged(each)).slice(0, REREAD_AT_ONCE)
    ];
    if (due.length === 0) return;
    const texts = await this.#virsh.read(due.map(({ id }) => `schedinfo ${id}`));
    for (const [at, domain] of due.entries()) await this.#learn(domain, readCredit(texts[at] ?? ''), now);
  }

  async #learn({ id, live }: Domain, found: CpuShare | null, readAt: number): Promise<void> {
    const [run, cap] = [live?.run ?? null, live?.tune.cap ?? null];
    let share = found;
    if (found !== null && found.cap === null && cap !== null && this.#capped.get(id) !== run) {
      const text = await this.#virsh.change(['schedinfo', id, '--set', `cap=${cap}`]).catch(() => '');
      share = readCredit(text) ?? found;
    }
    this.#capped.set(id, run);
    this.#known.set(id, { run, readAt, share });
  }

  forget(id: VmId | null): void {
    if (id === null) this.#known.clear();
    else this.#known.delete(id);
  }

  of({ id, live, inactive }: Domain): Pick<Vm, 'cpuShare' | 'cpuShareNext' | 'affinity' | 'affinityNext'> {
    const next = inactive === null ? null : this.#configured(inactive);
    const affinityNext = inactive === null ? null : affinityOf(inactive.tune, this.#count);
    if (live === null) return { cpuShare: next, cpuShareNext: null, affinity: affinityNext, affinityNext: null };
    const known = this.#known.get(id);
    const asked = known?.run === live.run ? known.share : null;
    const now = live.type === 'xen' ? asked : this.#configured(live);
    const affinity = affinityOf(live.tune, this.#count);
    return {
      cpuShare: now,
      cpuShareNext: now === null || sameShare(now, next) ? null : next,
      affinity,
      affinityNext: affinityNext === affinity ? null : affinityNext
    };
  }

  #configured({ type, tune }: { readonly type: string; readonly tune: TuneXml }): CpuShare | null {
    const division = this.division(type);
    if ('reason' in division) return null;
    if (division.by === 'credit') return { weight: tune.shares ?? ORDINARY.weight, cap: tune.cap };
    return { weight: tune.shares === null ? ORDINARY.weight : weightOf(tune.shares, division.scale), cap: tune.quota };
  }
}

const isPinned = (tune: TuneXml | undefined): boolean => tune?.pins.some((pin) => pin !== '') === true;
