// What is said of plans: their names, what was imagined, what changed since. Pure.
import type { Messages } from '#lib/messages/messages.ts';
import { reasonWords } from '#lib/messages/reason-words.ts';
import { ORDINARY, type CpuShare } from '#lib/model/cpu-share.ts';
import type { Change } from '#lib/plan/made/changes.ts';
import type { Ground } from '#lib/plan/made/ground.ts';
import type { BranchChange, PlanRequest } from '#lib/plan/made/request.ts';
import type { PlanState } from '#lib/plan/made/plan.ts';
import type { Violation } from '#lib/plan/check-moves.ts';
import { textAt } from '#lib/plugin/columns.ts';
import type { Tone } from '../signs/state-sign.ts';
import type { NamedHost, NamedVm } from './places.ts';

export const STATE_TONES = {
  ...{ draft: 'muted', failed: 'bad', compare: 'info', ready: 'info', approved: 'good' },
  ...{ paused: 'warn', aborted: 'warn', partly: 'warn', done: 'good' }
} as const satisfies Record<PlanState, Tone>;

type Words = Pick<Messages, 'plans' | 'common'>;
const nameOf = (list: readonly (NamedHost | NamedVm)[], id: string): string =>
  list.find((one) => one.id === id)?.name ?? id;

/** “47.3”, “0.04”, “−2.1”: at most one decimal from ten up. */
export function formatCost(points: number): string {
  const text = Math.abs(points).toFixed(Math.abs(points) < 10 ? 2 : 1);
  return Number(text) === 0 ? '0' : `${points < 0 ? '−' : ''}${Number(text)}`;
}

/** “cap 150 %”, “no cap”; with the weight where that is not the ordinary one. */
export function shareWords(
  { shareCap, shareNoCap, shareWeight }: Messages['plans'],
  { weight, cap }: CpuShare
): string {
  const words = cap === null ? shareNoCap : shareCap(cap);
  return weight === ORDINARY.weight ? words : shareWeight(words, weight);
}

/** “Empty hosts · n1, n2”, “Rebalance · north”. */
export function planName(
  { plans, common }: Words,
  request: PlanRequest,
  hosts: readonly NamedHost[],
  vms: readonly NamedVm[]
): string {
  const names = (ids: readonly string[]): string =>
    ids.length > 3 ? common.hosts(ids.length) : ids.map((id) => nameOf(hosts, id)).join(common.comma);
  const vmNames = (ids: readonly string[]): string =>
    ids.length > 3 ? common.vms(ids.length) : ids.map((id) => nameOf(vms, id)).join(common.comma);
  const parts = [plans.kind[request.kind]];
  const { scope, wanted } = request;
  if (request.kind === 'evacuate') parts.push(names(request.leave));
  if (request.kind === 'place' && wanted !== null) parts.push(`${wanted.count} × ${nameOf(vms, wanted.like)}`);
  if (request.kind === 'resize') parts.push(vmNames(request.resizes.map(({ vm }) => vm)));
  if (request.kind === 'start') parts.push(vmNames(request.starts));
  if (request.back !== null) {
    parts.push(
      vmNames([...new Set([...request.back.moves, ...request.resizes, ...request.back.shares].map(({ vm }) => vm))])
    );
  }
  if (request.kind !== 'place' && request.kind !== 'undo') {
    if (scope.kind === 'site') parts.push(scope.site || common.noSite);
    if (scope.kind === 'hosts') parts.push(names(scope.hosts));
    if (scope.kind === 'query') parts.push(scope.query);
  }
  parts.push(...request.branch.map((change) => changeWords({ plans, common }, change, hosts, vms)));
  return parts.join(' · ');
}

export function changeWords(
  { plans: { changeText }, common }: Words,
  change: BranchChange,
  hosts: readonly NamedHost[],
  vms: readonly NamedVm[]
): string {
  switch (change.what) {
    case 'drain':
    case 'lose':
      return changeText[change.what](nameOf(hosts, change.host));
    case 'lose-site':
      return changeText[change.what](change.site || common.noSite);
    case 'add-hosts':
      return changeText[change.what](change.count, nameOf(hosts, change.like));
    case 'add-vms':
      return changeText[change.what](change.count, nameOf(vms, change.like));
    case 'busier':
      return changeText.busier(change.factor);
  }
}

/** What became of the fleet since a plan was made. */
export function staleWords({ plans }: Words, change: Change): string {
  switch (change.kind) {
    case 'vm-gone':
    case 'vm-held':
    case 'vm-resized':
    case 'vm-shared':
      return plans.staleChange[change.kind](change.vm);
    case 'vm-moved':
    case 'arrived':
      return plans.staleChange[change.kind](change.vm, change.host || plans.nowhere);
    default:
      return plans.staleChange[change.kind](change.host);
  }
}

/** “n1: 2 vCPUs are missing”. */
export function violationWords(
  m: Words & Pick<Messages, 'reasons'>,
  { columns }: Ground,
  { vm, host, reason }: Violation
): string {
  const words = reasonWords(m, reason);
  if (vm >= 0) return m.plans.onHost(textAt(columns.vmName, vm), words);
  return host >= 0 ? m.plans.onHost(textAt(columns.hostName, host), words) : words;
}
