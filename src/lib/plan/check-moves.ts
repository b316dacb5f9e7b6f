// The oracle of plans: whether moves that somebody proposed may be, counted from nothing and apart from everything that proposes.
// What is wrong already before is not held against a plan, making it worse is.
import { DISK, HOST_MAINTENANCE, HOST_ONLINE, MEMORY, VCPUS, VM_MOVABLE, WIDTH, textAt } from '../plugin/columns.ts';
import type { Columns, Rule } from '../plugin/columns.ts';
import type { Move } from '../plugin/scheduler.ts';
import type { Lacking, Reason } from './reason.ts';
import { breaksOf } from './rule-breaks.ts';

/** Something a plan would break. `vm`, `host`: -1 where it is not about one. */
export type Violation = { readonly vm: number; readonly host: number; readonly reason: Reason };

const HARD = [
  [VCPUS, 'vcpus'],
  [MEMORY, 'memory'],
  [DISK, 'disk']
] as const satisfies readonly (readonly [number, Lacking])[];
/** What a VM on its way occupies at both ends. */
const TRANSIENT: readonly number[] = [MEMORY, DISK];

/** Every violation; empty when the moves may be, all together. */
export function checkMoves(columns: Columns, moves: readonly Move[]): readonly Violation[] {
  const odd = malformed(columns, moves);
  if (odd.length > 0) return odd;
  const after = placementAfter(columns, moves);
  return [...places(columns, moves), ...capacities(columns, after), ...rules(columns, after)];
}

/** Where everything is after moves that are well formed. */
export function placementAfter({ vmHost }: Columns, moves: readonly Move[]): Int32Array {
  const after = vmHost.slice();
  for (const { vm, host } of moves) after[vm] = host;
  return after;
}

function malformed({ vms, hosts }: Columns, moves: readonly Move[]): readonly Violation[] {
  const seen = new Set<number>();
  return moves.flatMap(({ vm, host }): readonly Violation[] => {
    const index = (value: number, count: number): boolean => Number.isInteger(value) && value >= 0 && value < count;
    if (!index(vm, vms)) return [{ vm: -1, host: -1, reason: { kind: 'no-such-vm', index: vm } }];
    if (!index(host, hosts)) return [{ vm, host: -1, reason: { kind: 'no-such-host', index: host } }];
    if (seen.has(vm)) return [{ vm, host, reason: { kind: 'moved-twice' } }];
    seen.add(vm);
    return [];
  });
}

function places(columns: Columns, moves: readonly Move[]): readonly Violation[] {
  const { hosts, hostFlags, vmFlags, vmHost, vmMask, masks } = columns;
  return moves.flatMap(({ vm, host }): readonly Violation[] => {
    if (vmHost[vm] === host) return [];
    const flags = hostFlags[host]!;
    if ((vmFlags[vm]! & VM_MOVABLE) === 0) return [{ vm, host, reason: { kind: 'held' } }];
    if ((flags & HOST_ONLINE) === 0) return [{ vm, host, reason: { kind: 'host-offline' } }];
    if ((flags & HOST_MAINTENANCE) !== 0) return [{ vm, host, reason: { kind: 'host-maintenance' } }];
    if (masks[vmMask[vm]! * hosts + host] !== 1) return [{ vm, host, reason: { kind: 'unsuited' } }];
    return [];
  });
}

function capacities(columns: Columns, after: Int32Array): readonly Violation[] {
  const { hosts, vms, vmHost, capacity, demand, base } = columns;
  const [before, then, blocked] = [base.slice(), base.slice(), new Float64Array(hosts * WIDTH)];
  for (let vm = 0; vm < vms; vm++) {
    const [from, to] = [vmHost[vm]!, after[vm]!];
    for (let r = 0; r < WIDTH; r++) {
      const amount = demand[vm * WIDTH + r]!;
      if (from >= 0) before[from * WIDTH + r]! += amount;
      if (to >= 0) then[to * WIDTH + r]! += amount;
      if (from >= 0 && from !== to && TRANSIENT.includes(r)) blocked[from * WIDTH + r]! += amount;
    }
  }
  const found: Violation[] = [];
  for (let host = 0; host < hosts; host++) {
    for (const [column, resource] of HARD) {
      const at = host * WIDTH + column;
      const most = Math.max(capacity[at]!, before[at]!);
      const held = then[at]! + blocked[at]!;
      if (held <= most) continue;
      const reason = { kind: 'lacks', resource, amount: held - most, meanwhile: then[at]! <= most } as const;
      found.push({ vm: -1, host, reason });
    }
  }
  return found;
}

function rules(columns: Columns, after: Int32Array): readonly Violation[] {
  return columns.rules.flatMap((rule): readonly Violation[] => {
    const broken = breaksOf(rule, columns, after);
    // A rule that was broken before may stay so; only what moved can have made it worse.
    if (broken <= breaksOf(rule, columns, columns.vmHost)) return [];
    return [{ vm: -1, host: -1, reason: brokenRule(columns, rule) }];
  });
}

const SHOWN = 5;
function brokenRule({ vmName }: Columns, { kind, name, vms }: Rule): Reason {
  const names = [...vms.subarray(0, SHOWN)].map((vm) => textAt(vmName, vm));
  return { kind: 'rule-broken', between: kind, rule: name, vms: names, more: Math.max(0, vms.length - SHOWN) };
}
