// A fleet becomes columns: everything a plan needs of it as numbers, and the way back from indices to hosts and VMs. Of a fleet much
// like the one before, only the rows of hosts that are other objects are made.
import type { Fleet, Host, Vm } from '../../model/fleet.ts';
import type { VmId } from '../../model/ids.ts';
import { DISK, SHARE_LEAST, SHARE_WIDTH, VM_MOVABLE, WIDTH } from '../../plugin/columns.ts';
import { NO_SIZE } from '../steps/occupancy.ts';
import type { Before, SizeBefore } from '../steps/occupancy.ts';
import type { ExpectedLoad } from './expected-load.ts';
import { FiguresDraft } from './figures-draft.ts';
import { isInactive } from '../../model/fleet.ts';
import { flagsOf, noFigures, whyHeldOff, writeHost, writeWanted } from './figures.ts';
import type { Basis, Figures } from './figures.ts';
import type { Run } from './kept-rows.ts';
import { whyClosed, whyNot } from './requirement.ts';
import type { PlanSettings } from './settings.ts';
import { NO_SHAPE, sameShape, shapeAfter, shapeWith } from './shape.ts';
import type { Shape } from './shape.ts';
import type { Asked, Survey, WantedVm } from './survey.ts';
import { minuteOf, tagRules } from './tag-rules.ts';

/** A fleet as it was looked at, whatever the scope. Nothing in it is ever changed. */
export type Look = {
  readonly shape: Shape;
  readonly figures: Figures;
  readonly hostFlags: Uint8Array;
  readonly idleWatts: Float64Array;
};

const NO_LOOK: Look = {
  shape: NO_SHAPE,
  figures: noFigures(0, 0),
  hostFlags: new Uint8Array(0),
  idleWatts: new Float64Array(0)
};

/** Hosts by site, then name, as every list has them; of a host never heard of only its name is known, and it has no room. */
export function columnsOfFleet(fleet: Fleet, expected: ExpectedLoad, settings: PlanSettings, asked: Asked): Survey {
  const resizes = new Map((asked.resizes ?? []).map((resize) => [resize.vm, resize]));
  const starts = new Set(asked.starts ?? []);
  return surveyOf(lookAfter(null, fleet, { expected, settings, resizes, starts }, asked.wanted ?? []), asked);
}

/**
 * @param before on the same basis: what is expected of VMs of hosts that are the same objects, and every setting; null when there
 * is none
 * @param stale hosts of which something else is expected though they are the same objects
 */
export function lookAfter(
  before: Look | null,
  fleet: Fleet,
  basis: Basis,
  wanted: readonly WantedVm[],
  stale: (host: Host) => boolean = () => false
): Look {
  const kept = before === null ? null : hostsAsBefore(before.shape.hosts, fleet);
  const was = before === null || kept === null ? NO_LOOK : before;
  const hosts = kept ?? [...fleet.hosts.values()].sort(byPlace);
  const changed = [...hosts.keys()].filter((at) => hosts[at] !== was.shape.hosts[at] || stale(hosts[at]!));
  const hostFlags = Uint8Array.from(hosts, flagsOf);
  const inHosts = {
    hostFlags: hostFlags.every((flags, at) => flags === was.hostFlags[at]) ? was.hostFlags : hostFlags,
    idleWatts: kept === null ? new Float64Array(hosts.length).fill(basis.settings.idleWatts) : was.idleWatts
  };
  if (was !== NO_LOOK && sameShape(was.shape, hosts, changed, wanted)) {
    const { starts, vms } = was.shape;
    const draft = new FiguresDraft(was.figures);
    for (const at of changed) {
      const rows = noFigures(1, hosts[at]!.vms.size);
      writeHost(hosts[at]!, basis, rows, 0, 0);
      draft.put(rows, at, starts[at]!);
    }
    const rows = noFigures(0, wanted.length);
    writeWanted(wanted, basis, rows, 0);
    draft.put(rows, hosts.length, vms.length - wanted.length);
    return { shape: shapeWith(was.shape, hosts, changed, wanted), figures: draft.now, ...inHosts };
  }
  const starts = startsOf(hosts);
  const runs = runsOf(was.shape.starts, starts, changed);
  const figures = FiguresDraft.after(was.figures, hosts.length, starts.at(-1)! + wanted.length, runs);
  for (const at of changed) writeHost(hosts[at]!, basis, figures, at, starts[at]!);
  writeWanted(wanted, basis, figures, starts.at(-1)!);
  return { shape: shapeAfter(was.shape, hosts, changed, wanted, starts, runs), figures, ...inHosts };
}

/** What is asked of a look. */
export function surveyOf(look: Look, asked: Asked): Survey {
  const { at, scope, pins = false, off } = asked;
  const { hosts, vms, wanted, warnings, requirements, hostColumns, vmColumns, masks } = look.shape;
  const { held, ...figures } = look.figures;
  const { hostFlags, idleWatts } = look;
  const { vmMask } = masks;
  const whole: Survey = {
    columns: { at, ...hostColumns, hostFlags, idleWatts, ...vmColumns, ...figures, vmMask, masks: masks.masks },
    ...{ hosts, vms, wanted, held, warnings },
    unsuited: (vm, host) => whyClosed(hosts[host]!) ?? whyNot(requirements[vm]!, hosts[host]!),
    before: sizesBefore(vms, asked)
  };
  const all = off === undefined ? whole : withOff(whole, off);
  return scope === undefined && !pins ? all : within(all, scope ?? (() => true), pins);
}

/** Those that are off may move as well: their disks are all there is to copy. */
function withOff(survey: Survey, off: NonNullable<Asked['off']>): Survey {
  const { columns, hosts, vms } = survey;
  const held = survey.held.slice();
  const [vmFlags, moveMib] = [columns.vmFlags.slice(), columns.moveMib.slice()];
  for (const [index, vm] of vms.entries()) {
    const host = hosts[columns.vmHost[index]!];
    if (vm === null || host === undefined || held[index]?.kind !== 'vm-state' || !isInactive(vm) || !off(vm, host))
      continue;
    const why = whyHeldOff(vm, host);
    held[index] = why;
    if (why !== null) continue;
    vmFlags[index]! |= VM_MOVABLE;
    // Of one that is to be started it is known already.
    moveMib[index] ||= columns.demand[index * WIDTH + DISK]!;
  }
  return { ...survey, held, columns: { ...columns, vmFlags, moveMib } };
}

function sizesBefore(vms: Survey['vms'], { resizes = [], starts = [] }: Asked): Before {
  const found = new Map<number, SizeBefore>();
  if (resizes.length + starts.length === 0) return found;
  const indices = new Map(vms.map((vm, index) => [vm?.id, index]));
  const note = (id: VmId, before: (vm: Vm) => SizeBefore | null): void => {
    const index = indices.get(id);
    const vm = index === undefined ? null : vms[index]!;
    const size = vm === null ? null : before(vm);
    if (index !== undefined && size !== null) found.set(index, size);
  };
  for (const id of starts) note(id, (vm) => (isInactive(vm) ? NO_SIZE : null));
  for (const { vm: id, ...size } of resizes) {
    note(id, (vm) => (isInactive(vm) || (vm.vcpus === size.vcpus && vm.memory === size.memory) ? null : vm));
  }
  return found;
}

function within(survey: Survey, scope: NonNullable<Asked['scope']>, pins: boolean): Survey {
  const held = survey.held.slice();
  const vmFlags = survey.columns.vmFlags.slice();
  const share = survey.columns.share.slice();
  const { vmHost } = survey.columns;
  for (const [index, vm] of survey.vms.entries()) {
    if (vm === null) continue;
    const isIn = scope(vm, survey.hosts[vmHost[index]!]!);
    if (!isIn) share[index * SHARE_WIDTH + SHARE_LEAST] = 0;
    if (held[index] !== null) continue;
    const until = pins ? tagRules(vm.tags).pinnedUntil : null;
    if (!isIn) held[index] = { kind: 'out-of-scope' };
    else if (until !== null && until > survey.columns.at)
      held[index] = { kind: 'pinned-until', until: minuteOf(until) };
    else continue;
    vmFlags[index]! &= ~VM_MOVABLE;
  }
  return { ...survey, held, columns: { ...survey.columns, vmFlags, share } };
}

/** In the order of before; null when hosts came, went, or are called otherwise. */
function hostsAsBefore(before: readonly Host[], fleet: Fleet): readonly Host[] | null {
  if (fleet.hosts.size !== before.length) return null;
  const now: Host[] = [];
  for (const was of before) {
    const host = fleet.hosts.get(was.id);
    if (host === undefined || host.site !== was.site || host.name !== was.name) return null;
    now.push(host);
  }
  return now;
}

function startsOf(hosts: readonly Host[]): Int32Array {
  const starts = new Int32Array(hosts.length + 1);
  for (const [at, { vms }] of hosts.entries()) starts[at + 1] = starts[at]! + vms.size;
  return starts;
}

/** The VMs between the hosts that changed. */
function runsOf(before: Int32Array, now: Int32Array, changed: readonly number[]): readonly Run[] {
  const runs: Run[] = [];
  let next = 0;
  for (const at of [...changed, now.length - 1]) {
    const count = now[at]! - now[next]!;
    if (count > 0) runs.push({ from: before[next]!, at: now[next]!, count });
    next = at + 1;
  }
  return runs;
}

const byPlace = (one: Host, other: Host): number =>
  compare(one.site, other.site) || compare(one.name, other.name) || compare(one.id, other.id);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
