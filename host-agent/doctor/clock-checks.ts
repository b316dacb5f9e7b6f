// The clock: commands carry the time until which they may begin, so host and browser must agree on what time it is.
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from './ask.ts';
import { fail, ok, warn } from './finding.ts';
import type { Finding } from './finding.ts';

export type ClockProbe = {
  /** Whether something keeps the clock right; null: nothing here can tell. */
  readonly synchronised: boolean | null;
  /** Milliseconds between this clock and what it is kept by; null where that is not known. */
  readonly offset: number | null;
  /** How far the newest file of the state lies in the future, in ms; 0: none does. */
  readonly ahead: number;
  /** Of the wall clock against the monotonic one: 1 when both go equally fast. */
  readonly pace: number;
  /** Linux's own: `tsc`, `xen`, `kvm-clock`, `hpet` …; null where it cannot be read. */
  readonly source: string | null;
};

/** Long enough for a millisecond more or less to be less than the limit. */
const LOOK = 250;

export async function probeClock(directory: string | null): Promise<ClockProbe> {
  const [wall, steady] = [Date.now(), performance.now()];
  const [chrony, timedate, newest, source] = await Promise.all([
    ask('chronyc', ['-n', 'tracking']),
    ask('timedatectl', ['show', '--property=NTPSynchronized']),
    directory === null ? 0 : newestIn(directory),
    readFile('/sys/devices/system/clocksource/clocksource0/current_clocksource', 'utf8').catch(() => null),
    wait(LOOK)
  ]);
  const pace = (Date.now() - wall) / (performance.now() - steady);
  const offset = chrony.status === 0 ? chronyOffset(chrony.out) : null;
  const kept = chrony.status === 0 ? !/^Leap status\s*: Not synchronised$/m.test(chrony.out) : null;
  const told = /^NTPSynchronized=(yes|no)$/m.exec(timedate.out)?.[1];
  const synchronised = kept ?? (told === undefined ? null : told === 'yes');
  return { synchronised, offset, ahead: Math.max(0, newest - Date.now()), pace, source: source?.trim() ?? null };
}

/** “System time     : 0.000012 seconds slow of NTP time” */
export function chronyOffset(tracking: string): number | null {
  const seconds = /^System time\s*: ([\d.]{1,20}) seconds (?:slow|fast) of NTP time$/m.exec(tracking)?.[1];
  return seconds === undefined ? null : Math.round(Number(seconds) * 1000);
}

/** Milliseconds since the epoch at which anything in the directory was last written; 0 for none. */
async function newestIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const times = names.map((name) =>
    stat(join(directory, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0
    )
  );
  return Math.max(0, ...(await Promise.all(times)));
}

/** Commands are good for two minutes: half a minute leaves room for the browser's own error. */
const FAR = 30_000;
const AHEAD = 2_000;
const UNEVEN = 0.05;
/** Cheap to read; others cost a trip to the hypervisor or a slow device each time somebody looks at the clock. */
const CHEAP = ['tsc', 'xen', 'kvm-clock', 'hyperv_clocksource_tsc_page', 'arch_sys_counter'];

export function judgeClock({ synchronised, offset, ahead, pace, source }: ClockProbe): readonly Finding[] {
  const found: Finding[] = [];
  const keep = 'keep it by NTP: apt install chrony, or timedatectl set-ntp true';
  if (ahead > AHEAD) {
    const says = `the clock is behind by ${Math.ceil(ahead / 1000)} s at least: files of the agent are from the future`;
    found.push(fail('clock', says, `set the clock, and ${keep}`));
  }
  if (offset !== null && offset > FAR) {
    found.push(
      fail(
        'clock',
        `the clock is off by ${Math.round(offset / 1000)} s: commands will seem to have expired`,
        'chronyc makestep'
      )
    );
  }
  if (synchronised === false)
    found.push(warn('clock', 'nothing keeps the clock right: it drifts until commands seem to have expired', keep));
  if (Math.abs(pace - 1) > UNEVEN) {
    const says = `in ${LOOK} ms the clock went ${pace.toFixed(2)} times as fast as it should: it is being set, or is broken`;
    found.push(
      warn('clock', says, 'run the doctor again; if this stays, try another clock source (the kernel’s clocksource=)')
    );
  }
  if (source !== null && !CHEAP.includes(source)) {
    found.push(
      warn(
        'clock',
        `the clock source is ${source}, which is slow to read`,
        'see journalctl -k for why tsc was given up'
      )
    );
  }
  if (found.length > 0) return found;
  if (synchronised === null)
    return [ok('clock', 'it goes evenly; whether something keeps it right, nothing here tells (chronyc, timedatectl)')];
  const by = offset === null ? '' : `, ${offset} ms off`;
  return [ok('clock', `kept by NTP${by}`)];
}
