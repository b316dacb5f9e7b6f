// Tries a scheduler as the app will use it, and says what is wrong with it. Deterministic: its clock is virtual.
import { VM_MOVABLE, textAt } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { FleetView } from '../../plugin/fleet-view.ts';
import { configOf, parseManifest } from '../../plugin/manifest.ts';
import { fits } from '../../plugin/rules.ts';
import type { Intent, Move, Share, Proposal, Scheduler } from '../../plugin/scheduler.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import { Random } from '../search/random.ts';
import { aFleet } from './a-fleet.ts';
import { faultsOf, placedAfter } from './recount.ts';
import { whileTrapped } from './trap.ts';

/** Something that is wrong. */
export type Finding = {
  /** What was asked: `manifest`, `filter`, `score` or `propose`. */
  readonly of: 'manifest' | 'filter' | 'score' | 'propose';
  /** The fleet and the intent it was asked of; empty for the manifest. */
  readonly on: string;
  readonly text: string;
};

export type TestOptions = {
  /** Settings other than the defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Left out: also a fleet of 1,000 hosts and 20,000 VMs. */
  readonly huge?: false;
  readonly seed?: number;
};

/** As many questions for the time may follow the end of the budget as it takes to come to an end. */
const GRACE = 50;
/** Of filter and score on one fleet. */
const PAIRS = 300;
const LOCAL_PAIRS = 60;
const LONGEST_VERDICT = 200;
const SAME = 'is something else when asked again: the same question must have the same answer';

class Overtime extends Error {}

/** @param scheduler the default export of a plugin, unchecked @returns nothing when all is well */
export function testScheduler(scheduler: unknown, options: TestOptions = {}): Finding[] {
  const shape = shapeFaults(scheduler);
  if (shape.length > 0) return shape;
  const plugin = scheduler as Scheduler;
  const config = configOf(plugin.manifest, options.config);
  const found: Finding[] = [];
  for (const trial of trials(options)) {
    const note = (of: Finding['of'], text: string): void => {
      const isNew = !found.some((finding) => finding.of === of && finding.on === trial.name && finding.text === text);
      if (isNew) found.push({ of, on: trial.name, text });
    };
    const untouched = structuredClone(trial.columns);
    answersOfPairs(plugin, trial, config, note, untouched);
    if (plugin.local === true && trial.columns.hosts > 1) heedsOthers(plugin, trial, config, note);
    if (plugin.propose !== undefined) answersOfPropose(plugin, trial, config, note, untouched);
  }
  return found;
}

function shapeFaults(scheduler: unknown): Finding[] {
  const bad = (text: string): Finding => ({ of: 'manifest', on: '', text });
  if (typeof scheduler !== 'object' || scheduler === null) return [bad('the default export must be an object')];
  const functions = ['filter', 'score', 'propose'] as const;
  const given = scheduler as Readonly<Record<string, unknown>>;
  const strange = functions.filter((name) => given[name] !== undefined && typeof given[name] !== 'function');
  try {
    parseManifest(given.manifest);
  } catch (thrown) {
    return [bad(messageOf(thrown))];
  }
  return [
    ...strange.map((name) => bad(`${name} must be a function`)),
    ...(['undefined', 'boolean'].includes(typeof given.local) ? [] : [bad('local must be true or false')]),
    ...(functions.every((name) => given[name] === undefined) ? [bad('has none of filter, score and propose')] : [])
  ];
}

type Trial = {
  readonly name: string;
  readonly columns: Columns;
  readonly kind: Intent['kind'];
  readonly leave: readonly number[];
  readonly budget: number;
};

function* trials({ huge, seed = 1 }: TestOptions): Generator<Trial> {
  const budget = 400;
  const two = { leave: [] as number[], budget };
  yield { name: 'an empty fleet', columns: aFleet({ hosts: 0, vms: 0, seed }), kind: 'rebalance', ...two };
  yield { name: 'no hosts, new VMs', columns: aFleet({ hosts: 0, fresh: 3, seed }), kind: 'place', ...two };
  yield { name: 'one host', columns: aFleet({ hosts: 1, vms: 4, fresh: 2, seed }), kind: 'place', ...two };
  yield {
    name: 'one host, to be left',
    columns: aFleet({ hosts: 1, vms: 4, seed }),
    kind: 'evacuate',
    ...two,
    leave: [0]
  };
  const ruled = aFleet({ hosts: 12, vms: 90, fresh: 10, rules: 4, maintenance: 1, seed });
  for (const kind of ['place', 'rebalance', 'evacuate'] as const) {
    const leave = kind === 'evacuate' ? [0, 3] : [];
    yield { name: `rules and a host in maintenance, ${kind}`, columns: ruled, kind, ...two, leave };
  }
  const full = aFleet({ hosts: 8, vms: 80, fresh: 4, full: 0.98, seed });
  for (const kind of ['place', 'rebalance', 'evacuate'] as const) {
    yield { name: `full hosts, ${kind}`, columns: full, kind, ...two, leave: kind === 'evacuate' ? [1] : [] };
  }
  const yielding = aFleet({ hosts: 8, vms: 80, full: 0.98, yields: 0.5, seed });
  yield { name: 'full hosts and VMs that yield, rebalance', columns: yielding, kind: 'rebalance', ...two };
  yield { name: 'no time', columns: ruled, kind: 'rebalance', leave: [], budget: 0 };
  if (huge === false) return;
  const columns = aFleet({ hosts: 1000, vms: 20_000, rules: 50, seed });
  yield { name: '1,000 hosts and 20,000 VMs, rebalance', columns, kind: 'rebalance', leave: [], budget: 200 };
  yield { name: '1,000 hosts and 20,000 VMs, evacuate', columns, kind: 'evacuate', leave: [5, 6], budget: 200 };
}

/** An intent whose clock goes on by a millisecond each time it is asked. */
function intentOf({ columns, kind, leave, budget }: Trial, config: Intent['config'], seed: number): Intent {
  const random = new Random(seed);
  let now = 0;
  const place = Array.from({ length: columns.vms }, (_, vm) => vm).filter((vm) => columns.vmHost[vm] === -1);
  return {
    ...{ kind, place, leave, weights: DEFAULT_WEIGHTS, config, budget, seed },
    elapsed() {
      if (now > budget + GRACE) throw new Overtime();
      return now++;
    },
    random: () => random.next()
  };
}

type Note = (of: Finding['of'], text: string) => void;

function answersOfPairs(
  plugin: Scheduler,
  trial: Trial,
  config: Intent['config'],
  note: Note,
  untouched: Columns
): void {
  const { columns } = trial;
  const fleet = new FleetView(columns);
  const random = new Random(7);
  const intent = { ...intentOf(trial, config, 1), elapsed: () => 0 };
  for (let pair = 0; pair < PAIRS && columns.hosts > 0 && columns.vms > 0; pair++) {
    const [vm, host] = [random.below(columns.vms), random.below(columns.hosts)];
    if (plugin.filter !== undefined) {
      const verdict = asked(() => plugin.filter?.(vm, host, fleet, intent), 'filter', note);
      const isReason = typeof verdict === 'string' && verdict.trim() !== '' && verdict.length <= LONGEST_VERDICT;
      if (verdict !== true && !isReason) {
        note('filter', `answers ${shown(verdict)}: it must be true, or a reason of 1 to ${LONGEST_VERDICT} characters`);
      }
      if (asked(() => plugin.filter?.(vm, host, fleet, intent), 'filter', note) !== verdict) note('filter', SAME);
    }
    if (plugin.score !== undefined && fits(fleet, vm, host)) {
      const score = asked(() => plugin.score?.(vm, host, fleet, intent), 'score', note);
      if (typeof score !== 'number' || !(score >= 0 && score <= 100)) {
        note('score', `answers ${shown(score)}: it must be a number from 0 to 100`);
      }
      if (
        !Object.is(
          asked(() => plugin.score?.(vm, host, fleet, intent), 'score', note),
          score
        )
      )
        note('score', SAME);
    }
  }
  for (const one of ['filter', 'score'] as const) if (plugin[one] !== undefined) unchanged(fleet, untouched, one, note);
}

function answersOfPropose(
  plugin: Scheduler,
  trial: Trial,
  config: Intent['config'],
  note: Note,
  untouched: Columns
): void {
  const { columns } = trial;
  const fleet = new FleetView(columns);
  const first = proposals(plugin, fleet, intentOf(trial, config, 1), note);
  unchanged(fleet, untouched, 'propose', note);
  const again = proposals(plugin, new FleetView(columns), intentOf(trial, config, 1), note);
  if (JSON.stringify(first) !== JSON.stringify(again)) note('propose', SAME);
  const intent = intentOf(trial, config, 1);
  for (const { moves, shares } of first)
    for (const fault of faultsOf(columns, intent, moves, shares)) note('propose', fault);
  const last = first.at(-1)?.moves ?? [];
  if (trial.kind === 'evacuate' && trial.budget > 0) {
    for (const text of couldGo(columns, trial.leave, last).slice(0, 3)) note('propose', text);
  }
}

/** Whether one that says it is local answers something else once VMs were moved between other hosts. */
function heedsOthers(plugin: Scheduler, trial: Trial, config: Intent['config'], note: Note): void {
  const fleet = new FleetView(trial.columns);
  const random = new Random(9);
  const intent = { ...intentOf(trial, config, 1), elapsed: () => 0 };
  for (let pair = 0; pair < LOCAL_PAIRS; pair++) {
    const [vm, host] = [random.below(fleet.vms), random.below(fleet.hosts)];
    if (!fits(fleet, vm, host)) continue;
    for (const one of ['filter', 'score'] as const) {
      const ask = (): unknown => asked<unknown>(() => plugin[one]?.(vm, host, fleet, intent), one, note);
      const before = ask();
      const moved: [number, number][] = [];
      for (let other = 0; other < fleet.vms && moved.length < 10; other++) {
        const from = fleet.placedOn[other]!;
        const to = (from + 1) % fleet.hosts;
        if (other === vm || from < 0 || from === host || to === host) continue;
        moved.push([other, from]);
        fleet.assign(other, to);
      }
      if (!Object.is(ask(), before)) note(one, 'changes when other hosts do, although it is `local`');
      for (const [other, from] of moved) fleet.assign(other, from);
    }
  }
}

type Proposed = { readonly moves: readonly Move[]; readonly shares: readonly Share[] };

/** All proposals, checked for their shape. */
function proposals(plugin: Scheduler, fleet: FleetView, intent: Intent, note: Note): Proposed[] {
  const found: Proposed[] = [];
  asked(
    () => {
      const said = plugin.propose?.(fleet, intent) as Proposal | Iterable<Proposal>;
      const several = typeof said === 'object' && Symbol.iterator in said ? said : [said];
      for (const proposal of several as Iterable<Proposal | null>) {
        const { moves, shares = [] } = (proposal ?? {}) as Readonly<Record<string, unknown>>;
        if (!Array.isArray(shares)) note('propose', `answers shares ${shown(shares)}: they must be a list`);
        else if (Array.isArray(moves))
          found.push({ moves: moves as readonly Move[], shares: shares as readonly Share[] });
        else note('propose', `answers ${shown(proposal)}: it must have \`moves\``);
        intent.elapsed();
      }
    },
    'propose',
    note
  );
  return found;
}

/** VMs that stay on hosts to be left, where another host would have had them. */
function couldGo(columns: Columns, leave: readonly number[], moves: readonly Move[]): string[] {
  const fleet = new FleetView(columns);
  const placed = placedAfter(columns, moves);
  for (let vm = 0; vm < columns.vms; vm++) if (placed[vm] !== columns.vmHost[vm]) fleet.assign(vm, placed[vm]!);
  const stay = leave.flatMap((host) => fleet.vmsOn(host)).filter((vm) => (columns.vmFlags[vm]! & VM_MOVABLE) !== 0);
  return stay.flatMap((vm) => {
    for (let host = 0; host < columns.hosts; host++) {
      if (leave.includes(host) || !fits(fleet, vm, host)) continue;
      return [`leaves ${textAt(columns.vmName, vm)} behind, which could go to ${textAt(columns.hostName, host)}`];
    }
    return [];
  });
}

/** Runs it; that it throws, asks for the time, or goes on for too long is noted. */
function asked<T>(work: () => T, of: Finding['of'], note: Note): T | undefined {
  try {
    const { answer, asked } = whileTrapped(work);
    for (const name of asked) note(of, `uses ${name}: time and chance are in the intent, and there is nothing else`);
    return answer;
  } catch (thrown) {
    const late = thrown instanceof Overtime;
    note(of, late ? 'goes on when its budget is used up: ask intent.elapsed()' : `throws: ${messageOf(thrown)}`);
    return undefined;
  }
}

/** Whether columns, and what the fleet says besides, are as before. */
function unchanged(fleet: FleetView, columns: Columns, of: Finding['of'], note: Note): void {
  const fresh = new FleetView(columns);
  const same = (one: ArrayLike<number>, other: ArrayLike<number>): boolean => {
    for (let i = 0; i < other.length; i++) if (one[i] !== other[i]) return false;
    return one.length === other.length;
  };
  for (const [name, column] of Object.entries(columns)) {
    const now = fleet.columns[name as keyof Columns];
    const isSame = ArrayBuffer.isView(column)
      ? same(now as Uint8Array, column)
      : JSON.stringify(now) === JSON.stringify(column);
    if (!isSame) note(of, `changes \`${name}\` of the columns, which are to be read only`);
  }
  for (const name of ['used', 'placedOn', 'running', 'room'] as const) {
    if (!same(fleet[name], fresh[name])) note(of, `changes \`${name}\` of the fleet: plan on fleet.copy()`);
  }
}

const messageOf = (thrown: unknown): string =>
  (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 200);

function shown(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
