// `smps plan`: the plan of a scheduler for the whole fleet, computed here, checked here, and printed. Nothing is moved.
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Fault } from '../lib/model/fault.ts';
import { common } from '../lib/messages/en/common.ts';
import { reasons } from '../lib/messages/en/reasons.ts';
import { reasonWords } from '../lib/messages/reason-words.ts';
import type { Fleet } from '../lib/model/fleet.ts';
import type { HostId } from '../lib/model/ids.ts';
import { checkMoves } from '../lib/plan/check-moves.ts';
import { checkShares } from '../lib/plan/check-shares.ts';
import { TERMS, totalOf } from '../lib/plan/cost/terms.ts';
import type { Terms } from '../lib/plan/cost/terms.ts';
import { columnsOfFleet } from '../lib/plan/fleet/columns-of-fleet.ts';
import type { Resize } from '../lib/plan/fleet/survey.ts';
import { ExpectedLoad } from '../lib/plan/fleet/expected-load.ts';
import { DEFAULT_SETTINGS } from '../lib/plan/fleet/settings.ts';
import { figuresOf } from '../lib/plan/made/figures.ts';
import { groundOf, intentKind, offOf } from '../lib/plan/made/ground.ts';
import { changing } from '../lib/plan/made/planned-share.ts';
import { NEW_REQUEST } from '../lib/plan/made/request.ts';
import type { Reason } from '../lib/plan/reason.ts';
import type { Step } from '../lib/plan/steps/order.ts';
import type { Proposal } from '../lib/plugin/scheduler.ts';
import { DEFAULT_WEIGHTS, WEIGHTS } from '../lib/plugin/weights.ts';
import type { Weights } from '../lib/plugin/weights.ts';
import type { PlanNews, PlanTask } from './plan-worker.ts';
import { STATUS, usage } from './status.ts';
import type { Status } from './status.ts';
import { table, visible } from './terminal.ts';
import type { Output } from './terminal.ts';

export type PlanRequest = {
  /** Name of one that comes with the program, or a file. */
  readonly scheduler: string;
  /** Hosts to be emptied, by id or name; none: the fleet is rebalanced. */
  readonly leave: readonly string[];
  /** VMs of these hosts that are off go too. */
  readonly off: boolean;
  /** VMs that are to have another size, by id or name; with `leave` there are none. */
  readonly resizes: readonly NamedSize[];
  readonly seconds: number;
  readonly seed: number;
  readonly weights: Weights;
  readonly json: boolean;
};

export type NamedSize = { readonly vm: string; readonly vcpus: number; readonly memory: number };

/** Ms that a scheduler may take beyond its budget. */
const GRACE = 2_000;
/** Ms until its thread has it. */
const LOADING = 30_000;
const MOST_WEIGHT = 10_000;

/** @returns `failed` when the scheduler's plan breaks a rule @throws Fault `usage`, `plugin-failed`, `bad-plugin` */
export async function plan(fleet: Fleet, request: PlanRequest, output: Output, signal: AbortSignal): Promise<Status> {
  const expected = new ExpectedLoad();
  expected.observe(fleet);
  const resizes = request.resizes.map((one) => resizeOf(fleet, one));
  const kind = resizes.length > 0 ? 'resize' : request.leave.length > 0 ? 'evacuate' : 'rebalance';
  const leave = request.leave.map((name) => hostNamed(fleet, name));
  const asked = { ...NEW_REQUEST, kind, leave, off: request.off, resizes } as const;
  const off = offOf(asked);
  const survey = columnsOfFleet(fleet, expected, DEFAULT_SETTINGS, {
    ...{ at: Date.now(), resizes },
    ...(off === undefined ? {} : { off })
  });
  const ground = groundOf(asked, survey, request.weights);
  const { columns } = ground;
  const { id, version, proposal } = await proposed(
    {
      ...{
        url: fileOf(request.scheduler),
        columns,
        place: [],
        leave: ground.leave,
        kind: intentKind(asked)
      },
      ...{ weights: request.weights, seed: request.seed, budget: request.seconds * 1_000 }
    },
    signal
  );
  const violations = [
    ...checkMoves(columns, proposal.moves),
    ...checkShares(columns, proposal.moves, proposal.shares ?? [])
  ];
  if (violations.length > 0) {
    const reason = `proposed what may not be: ${violations.map((one) => said(one.reason)).join('; ')}`.slice(0, 500);
    throw new Fault('plugin-failed', { plugin: id, reason });
  }
  const shares = changing(columns, proposal.shares ?? []);
  const { difference, ordered } = figuresOf(columns, request.weights, ground.leave, proposal.moves, ground, shares);
  const { steps, blocked, seconds } = ordered;
  const name = (host: number): string => survey.hosts[host]?.id ?? '';
  const vm = (index: number) => ({ id: survey.vms[index]?.id ?? null, name: survey.vms[index]?.name ?? null });
  const report = {
    scheduler: { id, version },
    note: proposal.note ?? null,
    cost: { before: costed(difference.before), after: costed(difference.after), gain: difference.gain },
    hostsOn: difference.on,
    mib: difference.mib,
    seconds,
    steps: steps.map((step) => ({ ...stepEntry(step, name), vm: vm(step.vm) })),
    blocked: [...blocked, ...ground.room.without.map((one) => ({ ...one, host: columns.vmHost[one.vm] ?? -1 }))].map(
      (one) => ({
        ...{ vm: vm(one.vm), host: name(one.host), reason: said(one.reason) }
      })
    ),
    warnings: survey.warnings.map(said)
  };
  if (request.json) output.out(JSON.stringify(report, null, 2));
  else printed(report, output);
  return STATUS.done;
}

/** `cpu=200,power=5`: what is not said keeps its default. @throws Fault `usage` */
export function weightsOf(text: string): Weights {
  const given = text === '' ? [] : text.split(',');
  const said = given.map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    if (!Object.hasOwn(WEIGHTS, name))
      usage(`--weights: there is no “${name}”; there are ${Object.keys(WEIGHTS).join(', ')}`);
    const weight = Number(value);
    if (value.trim() === '' || !(weight >= 0 && weight <= MOST_WEIGHT)) {
      usage(`--weights: ${name} must be 0 to ${MOST_WEIGHT}, not “${value}”`);
    }
    return [name, weight] as const;
  });
  return { ...DEFAULT_WEIGHTS, ...Object.fromEntries(said) };
}

function hostNamed({ hosts }: Fleet, name: string): HostId {
  return (
    [...hosts.values()].find(({ id, name: called }) => id === name || called === name)?.id ??
    usage(`--leave: there is no host “${name}”`)
  );
}

/** `db-1=4,2048`, several with `;`: vCPUs and MiB. @throws Fault `usage` */
export function sizesOf(text: string): readonly NamedSize[] {
  return text.split(';').flatMap((one) => {
    if (one.trim() === '') return [];
    const [, vm = '', vcpus, memory] = /^(.+)=(\d{1,4}),(\d{1,9})$/.exec(one.trim()) ?? [];
    if (vcpus === undefined || Number(vcpus) < 1 || Number(memory) < 1)
      usage(`--resize: “${one}” is not VM=VCPUS,MIB, as db-1=4,2048`);
    return { vm, vcpus: Number(vcpus), memory: Number(memory) };
  });
}

/** @throws Fault `usage` when there is no such VM, several are called so, it is off, or it was not made for that size */
function resizeOf({ hosts }: Fleet, { vm: name, vcpus, memory }: NamedSize): Resize {
  const found = [...hosts.values()].flatMap(({ vms }) =>
    [...vms.values()].filter((vm) => vm.id === name || vm.name === name)
  );
  const [vm] = found;
  if (vm === undefined) return usage(`--resize: there is no VM “${name}”`);
  if (found.length > 1) usage(`--resize: ${found.length} VMs are called “${name}”: say its id`);
  if (vm.state === 'saved') usage(`--resize: ${name} is saved; restore it, or discard its saved state first`);
  if (vm.state === 'off' || vm.state === 'crashed') usage(`--resize: ${name} is off; it needs no plan`);
  if (vcpus > vm.vcpusMax || memory > vm.memoryMax)
    usage(`--resize: ${name} was made for up to ${vm.vcpusMax} vCPUs and ${vm.memoryMax} MiB`);
  return { vm: vm.id, vcpus, memory };
}

function fileOf(scheduler: string): string {
  const bundled = new URL(`../../build/plugins/${scheduler}.js`, import.meta.url);
  const compiled = new URL(`../../../build/plugins/${scheduler}.js`, import.meta.url);
  if (/^[a-z0-9-]+$/.test(scheduler)) {
    const found = [bundled, compiled].find((url) => existsSync(url));
    if (found !== undefined) return found.href;
  }
  if (!existsSync(scheduler)) usage(`there is no scheduler “${scheduler}”: a name of docs/PLUGINS.md, or a file`);
  return pathToFileURL(resolve(scheduler)).href;
}

type Proposed = { readonly id: string; readonly version: string; readonly proposal: Proposal };

/** Runs the scheduler in a thread of its own, which is ended when it takes too long. */
async function proposed(task: PlanTask, signal: AbortSignal): Promise<Proposed> {
  const worker = new Worker(new URL(`plan-worker${extname(import.meta.url)}`, import.meta.url), { workerData: task });
  let named = { id: task.url, version: '' };
  let proposal: Proposal = { moves: [] };
  try {
    return await new Promise<Proposed>((resolve, reject) => {
      const failed = (reason: string): void => {
        reject(new Fault('plugin-failed', { plugin: named.id, reason }));
      };
      const within = (time: number, reason: string): NodeJS.Timeout =>
        setTimeout(() => {
          failed(reason);
        }, time);
      // A slow machine takes its time to begin: that is not the scheduler's.
      let timer = within(LOADING, `was not there after ${LOADING / 1_000} s`);
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
      worker.on('message', (news: PlanNews) => {
        if (news.is === 'loaded') {
          named = news;
          clearTimeout(timer);
          timer = within(task.budget + GRACE, `did not end ${GRACE / 1_000} s after its time was over`);
        } else if (news.is === 'proposal') proposal = news;
        else resolve({ ...named, proposal });
      });
      worker.once('error', (thrown: Error) => {
        failed(thrown.message);
      });
      worker.once('exit', () => {
        clearTimeout(timer);
        failed('ended the process');
      });
    });
  } finally {
    await worker.terminate();
  }
}

/** With plain spaces, to be searched for. */
const said = (reason: Reason): string => reasonWords({ reasons, common }, reason).replaceAll('\u00a0', ' ');

const costed = (terms: Terms) => ({ ...terms, total: totalOf(terms) });

function stepEntry(step: Step, name: (host: number) => string) {
  const times = { begins: step.begins, ends: step.ends, after: step.after };
  switch (step.kind) {
    case 'move':
      return {
        kind: step.kind,
        from: name(step.from),
        to: name(step.to),
        mib: step.mib,
        detour: step.detour,
        ...times
      };
    case 'place':
      return { kind: step.kind, to: name(step.to), ...times };
    case 'share':
      return { kind: step.kind, on: name(step.on), weight: step.weight, cap: step.cap, ...times };
    case 'resize':
    case 'start':
      return { kind: step.kind, on: name(step.on), vcpus: step.vcpus, memory: step.memory, ...times };
  }
}

function sizeText(step: ReturnType<typeof stepEntry>): string {
  if (step.kind === 'share') return `weight ${step.weight}, ${step.cap === null ? 'no cap' : `cap ${step.cap} %`}`;
  return 'vcpus' in step ? `${step.vcpus} vCPUs, ${step.memory} MiB` : '';
}

type Costed = Terms & { readonly total: number };
type Report = {
  readonly scheduler: { readonly id: string; readonly version: string };
  readonly note: string | null;
  readonly cost: { readonly before: Costed; readonly after: Costed; readonly gain: number };
  readonly mib: number;
  readonly seconds: number;
  readonly steps: readonly (ReturnType<typeof stepEntry> & { readonly vm: { readonly name: string | null } })[];
  readonly blocked: readonly {
    readonly vm: { readonly name: string | null };
    readonly host: string;
    readonly reason: string;
  }[];
  readonly warnings: readonly string[];
};

function printed({ scheduler, note, cost, mib, seconds, steps, blocked, warnings }: Report, output: Output): void {
  const figure = (points: number): string => points.toFixed(2);
  const changed = TERMS.filter((term) => cost.before[term] !== 0 || cost.after[term] !== 0);
  const rows = [...changed, 'total' as const].map((term) => [
    term,
    figure(cost.before[term]),
    figure(cost.after[term])
  ]);
  for (const line of table(['COST', '>BEFORE', '>AFTER'], rows)) output.out(line);
  output.out('');
  if (steps.length === 0) output.out(`${scheduler.id} changes nothing`);
  else {
    const lines = steps.map((step, index) => [
      String(index + 1),
      step.vm.name ?? '',
      'from' in step ? step.from : 'on' in step ? step.on : '',
      'to' in step ? step.to : '',
      'mib' in step ? String(step.mib) : '',
      sizeText(step),
      step.after.map((each) => String(each + 1)).join(' ')
    ]);
    for (const line of table(['>STEP', 'VM', 'FROM', 'TO', '>MIB', 'SIZE', 'AFTER'], lines)) output.out(line);
    output.out(`${steps.length} steps, ${mib} MiB, about ${Math.round(seconds)} s; nothing was moved`);
  }
  if (note !== null) output.err(`smps: ${visible(note)}`);
  for (const { vm, host, reason } of blocked)
    output.err(`smps: ${visible(vm.name ?? '')} to ${host} is blocked: ${visible(reason)}`);
  for (const warning of warnings) output.err(`smps: ${visible(warning)}`);
}
