// What a plan is made on: the fleet as columns with what is imagined, what has to leave, and what has to be placed.
import { Fault } from '../../model/fault.ts';
import type { Host, Vm } from '../../model/fleet.ts';
import type { VmId } from '../../model/ids.ts';
import { HOST_MAINTENANCE, VM_NEW, textAt } from '../../plugin/columns.ts';
import type { Columns, Texts } from '../../plugin/columns.ts';
import type { Intent } from '../../plugin/scheduler.ts';
import type { Weights } from '../../plugin/weights.ts';
import { DEFAULT_WEIGHTS } from '../../plugin/weights.ts';
import type { Resize, Survey, WantedVm } from '../fleet/survey.ts';
import { asBefore, leaving, makeRoom } from '../fleet/make-room.ts';
import type { Room } from '../fleet/make-room.ts';
import { busier, drained, lost, siteLost, withHosts, withVms } from '../what-if.ts';
import type { Reason } from '../reason.ts';
import type { Growth } from './figures.ts';
import type { BranchChange, PlanRequest } from './request.ts';

export type Ground = Growth & {
  readonly columns: Columns;
  readonly survey: Survey;
  /** Hosts to be emptied, by index. */
  readonly leave: readonly number[];
  /** New VMs, by index. */
  readonly place: readonly number[];
  /** What is done so that VMs can grow or start. */
  readonly room: Room;
  /** As `Survey.unsuited`, for what is imagined too. */
  readonly unsuited: (vm: number, host: number) => Reason | null;
};

const BYTES_OF_MIB = 2 ** 20;
const NO_ROOM: Room = { leave: new Map(), without: [] };

/** What schedulers are asked for. For VMs that grow or start nothing else moves than what makes room. */
export const intentKind = ({ kind }: PlanRequest): Intent['kind'] =>
  kind === 'resize' || kind === 'start' || kind === 'undo' ? 'evacuate' : kind;

/** What a request asks of VMs that are there. */
export const growthOf = ({
  kind,
  resizes,
  starts
}: PlanRequest): { readonly resizes: readonly Resize[]; readonly starts: readonly VmId[] } => ({
  resizes: kind === 'resize' || kind === 'undo' ? resizes : [],
  starts: kind === 'start' ? starts : []
});

/** Which VMs that are off a request would move; undefined: none. What a plan moved goes back also when it is off by now. */
export function offOf({ kind, off, leave, back }: PlanRequest): ((vm: Vm, host: Host) => boolean) | undefined {
  if (kind === 'evacuate' && off) return (_, { id }) => leave.includes(id);
  if (kind !== 'undo' || back === null) return undefined;
  const moved = new Set(back.moves.map(({ vm }) => vm));
  return ({ id }) => moved.has(id);
}

/** VMs that are to be as one that is there. */
export function wantedLike(vm: Vm, count: number, image: string | null = null): readonly WantedVm[] {
  const disks = vm.disks.filter(({ device, pool }) => device === 'disk' && pool !== null);
  const bytes = disks.reduce((sum, { capacity }) => sum + (capacity ?? 0), 0);
  return Array.from({ length: count }, (_, at) => ({
    name: `${vm.name}-new-${at + 1}`,
    vcpus: vm.vcpus,
    memory: vm.memory,
    disk: Math.ceil(bytes / BYTES_OF_MIB),
    image,
    networks: vm.nics.map(({ network }) => network),
    pools: disks.flatMap(({ pool }) => pool ?? []),
    tags: vm.tags
  }));
}

/** @throws Fault `not-found` when the request names what is not there */
export function groundOf(request: PlanRequest, survey: Survey, weights: Weights = DEFAULT_WEIGHTS): Ground {
  let { columns } = survey;
  const hostOf = survey.hosts.map((_, host) => host);
  const vmOf = survey.vms.map((_, vm) => vm);
  for (const change of request.branch) {
    const like = likeOf(columns, change);
    columns = changed(columns, change, like);
    while (hostOf.length < columns.hosts) hostOf.push(hostOf[like]!);
    while (vmOf.length < columns.vms) vmOf.push(vmOf[like]!);
  }
  const named = request.kind === 'evacuate' ? request.leave.map((id) => indexIn(columns.hostId, id, 'host')) : [];
  const closed = [...columns.hostFlags.keys()].filter((host) => (columns.hostFlags[host]! & HOST_MAINTENANCE) !== 0);
  const asked = new Map([...survey.before].filter(([vm]) => columns.vmHost[vm]! >= 0));
  // The way back makes its own room.
  const room = request.kind === 'undo' ? NO_ROOM : makeRoom(columns, asked, weights);
  const without = room.without.map(({ vm }) => vm);
  const before = new Map([...asked].filter(([vm]) => !without.includes(vm)));
  columns = leaving(asBefore(columns, asked, without), room);
  return {
    columns,
    survey,
    before,
    was: asBefore(columns, before),
    room,
    leave: request.kind === 'place' ? [] : [...new Set([...named, ...closed])],
    place: [...columns.vmFlags.keys()].filter((vm) => (columns.vmFlags[vm]! & VM_NEW) !== 0 && columns.vmHost[vm]! < 0),
    unsuited: (vm, host) => {
      const grows = columns.vmHost[vm] === host ? room.leave.get(vm) : undefined;
      if (grows !== undefined) return { kind: 'makes-room', vm: textAt(columns.vmName, grows) };
      return survey.unsuited(vmOf[vm]!, hostOf[host]!);
    }
  };
}

/** Index of what the change is about; 0 where it is about none. */
function likeOf({ hostId, vmId, siteName }: Columns, change: BranchChange): number {
  switch (change.what) {
    case 'drain':
    case 'lose':
      return indexIn(hostId, change.host, 'host');
    case 'add-hosts':
      return indexIn(hostId, change.like, 'host');
    case 'add-vms':
      return indexIn(vmId, change.like, 'VM');
    case 'lose-site': {
      const site = siteName.indexOf(change.site);
      if (site < 0) throw new Fault('not-found', { kind: 'site', id: change.site });
      return site;
    }
    case 'busier':
      return 0;
  }
}

function changed(columns: Columns, change: BranchChange, like: number): Columns {
  switch (change.what) {
    case 'drain':
      return drained(columns, [like]);
    case 'lose':
      return lost(columns, [like]);
    case 'lose-site':
      return siteLost(columns, like);
    case 'add-hosts':
      return withHosts(columns, like, change.count);
    case 'add-vms':
      return withVms(columns, like, change.count);
    case 'busier':
      return busier(columns, change.factor);
  }
}

function indexIn(texts: Texts, id: string, kind: string): number {
  for (let index = 0; index < texts.ends.length; index++) if (textAt(texts, index) === id) return index;
  throw new Fault('not-found', { kind, id });
}
