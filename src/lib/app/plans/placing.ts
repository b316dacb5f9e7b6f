// New VMs on hosts, as a scheduler ranks them: its scores beside what every host would cost, and why some cannot.
import { Fault } from '#lib/model/fault.ts';
import type { Host } from '#lib/model/fleet.ts';
import type { HostId } from '#lib/model/ids.ts';
import { checkMoves } from '#lib/plan/check-moves.ts';
import type { Survey } from '#lib/plan/fleet/survey.ts';
import type { Reason } from '#lib/plan/reason.ts';
import { explain, type Explanation, type HostReason } from '#lib/plan/review/explain.ts';
import { FleetView } from '#lib/plugin/fleet-view.ts';
import type { Weights } from '#lib/plugin/weights.ts';
import type { Ranking } from '#lib/sandbox/messages.ts';

export type RankedHost = {
  readonly host: Host;
  readonly reason: HostReason;
  /** 0 to 100; null where the VM cannot be. */
  readonly score: number | null;
  /** What the scheduler itself says against it; null where it says nothing beyond the rules that always hold. */
  readonly refusal: string | null;
};

export type Placing = {
  /** Of the first VM: those that can have it, best first. */
  readonly able: readonly RankedHost[];
  /** Those that cannot, by how little is missing. */
  readonly unable: readonly RankedHost[];
  readonly explanation: Explanation;
  /** By index of the columns. */
  readonly hosts: readonly Host[];
  /** Host of each VM asked for; null: none. */
  readonly chosen: readonly (HostId | null)[];
};

/**
 * @param ranking of the wanted VMs of the survey, all of them in their order
 * @param say a reason in words
 * @throws Fault `plugin-failed` when the scheduler chose hosts that may not be
 */
export function placingOf(
  survey: Survey,
  weights: Weights,
  ranking: Ranking,
  scheduler: string,
  say: (reason: Reason) => string
): Placing {
  const { scores, why, reasons, chosen } = ranking;
  const { columns, hosts, unsuited } = survey;
  const first = columns.vms - survey.wanted.length;
  const moves = [...chosen].flatMap((host, at) => (host < 0 ? [] : [{ vm: first + at, host }]));
  const [violation] = checkMoves(columns, moves);
  if (violation !== undefined) {
    throw new Fault('plugin-failed', { plugin: scheduler, reason: `chose what may not be: ${say(violation.reason)}` });
  }
  const explanation = explain(new FleetView(columns), weights, first, unsuited);
  const ranked = explanation.hosts.flatMap((reason): readonly RankedHost[] => {
    const host = hosts[reason.host];
    if (host === undefined) return [];
    const given = scores[reason.host] ?? NaN;
    // The scheduler was asked to keep the rules that always hold; whether it did is not its to say.
    const score = Number.isNaN(given) || reason.obstacles.length > 0 ? null : given;
    const said = reasons[(why[reason.host] ?? 0) - 1] ?? null;
    return [{ host, reason, score, refusal: reason.obstacles.length === 0 ? said : null }];
  });
  const able = ranked
    .filter(({ score }) => score !== null)
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.reason.host - b.reason.host);
  return {
    able,
    unable: ranked.filter(({ score }) => score === null),
    explanation,
    hosts,
    chosen: [...chosen].map((host) => hosts[host]?.id ?? null)
  };
}

/** The explanation for a new VM as if it were on the host already: that comes first, and is held against the others. */
export const asIfOn = ({ explanation, hosts }: Placing, host: HostId | null): Explanation => {
  const at = hosts.findIndex(({ id }) => id === host);
  const marked = explanation.hosts.map((reason) => ({ ...reason, chosen: reason.host === at }));
  return {
    ...explanation,
    hosts: [...marked.filter(({ chosen }) => chosen), ...marked.filter(({ chosen }) => !chosen)]
  };
};

/** Which VMs go to which host, in the order in which hosts come first; those without a host are left out. */
export function byHost(names: readonly string[], { chosen }: Pick<Placing, 'chosen'>): ReadonlyMap<HostId, string[]> {
  const groups = new Map<HostId, string[]>();
  for (const [at, name] of names.entries()) {
    const host = chosen[at] ?? null;
    if (host === null) continue;
    const group = groups.get(host);
    if (group === undefined) groups.set(host, [name]);
    else group.push(name);
  }
  return groups;
}
