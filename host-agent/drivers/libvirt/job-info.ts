// What `virsh domjobinfo --rawstats` says of a migration, look by look. Pure but for what was seen before.
import { bytes, bytesPerSecond } from '../../../src/lib/model/units.ts';
import type { Bytes } from '../../../src/lib/model/units.ts';
import type { Sent } from '../control.ts';

export type JobInfo = Sent & {
  /** Disks go first, memory after them. */
  readonly stage: 'copying' | 'moving';
  /** 0 to 1 of the stage; null before there is anything to count. */
  readonly share: number | null;
};
type Seen = { readonly stage: JobInfo['stage']; readonly processed: number; readonly at: number };

/** ms over which a rate is reckoned that libvirt does not tell: disks go in gusts. */
const WINDOW = 5_000;

export class MigrationJob {
  readonly #memory: Bytes;
  #seen: readonly Seen[] = [];

  /** @param memory that the VM has at present: QEMU counts the most it may have, and is at once done with what it has not */
  constructor(memory: Bytes) {
    this.#memory = memory;
  }

  /** @param at ms, of any clock that does not go back. Null while no job has figures. */
  read(text: string, at: number): JobInfo | null {
    const figure = (name: string): number | null => {
      const match = new RegExp(`^\\s*${name}\\s*[:=]\\s*(\\d+)\\s*$`, 'm').exec(text);
      return match === null ? null : Number(match[1]);
    };
    const memory = (figure('memory_total') ?? 0) > 0;
    const kind = memory ? 'memory' : 'disk';
    const most = figure(`${kind}_total`) ?? 0;
    if (most === 0) return null;
    const total = memory ? Math.min(most, this.#memory) : most;
    const left = Math.min(total, figure(`${kind}_remaining`) ?? 0);
    const stage = memory ? 'moving' : 'copying';
    const reckoned = this.#rate({ stage, processed: figure(`${kind}_processed`) ?? most - left, at });
    const rate = figure(`${kind}_bps`) || reckoned;
    return {
      stage,
      share: total === 0 ? null : 1 - left / total,
      remaining: bytes(left),
      rate: rate === null ? null : bytesPerSecond(rate),
      pass: memory ? figure('memory_iteration') || null : null
    };
  }

  /** From what went between looks; null at the first. */
  #rate(now: Seen): number | null {
    this.#seen = [...this.#seen.filter(({ stage, at }) => stage === now.stage && now.at - at <= WINDOW), now];
    const [first = now] = this.#seen;
    const [sent, ms] = [now.processed - first.processed, now.at - first.at];
    // Between two gusts nothing is known yet.
    if (ms <= 0 || sent < 0 || (sent === 0 && ms < WINDOW / 2)) return null;
    return Math.round((sent * 1000) / ms);
  }
}
