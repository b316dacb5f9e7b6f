import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someColumns } from '../../../../tests/support/some-columns.ts';
import { HOST_MAINTENANCE, HOST_ONLINE, MEMORY, WIDTH } from '../../plugin/columns.ts';
import type { Columns } from '../../plugin/columns.ts';
import { readReason } from '../reason.ts';
import { DEFAULT_ORDER, order } from './order.ts';
import type { Step } from './order.ts';

const memory = (amount: number): readonly number[] => [0, amount];

/** Memory in use on each host while `under` are under way and `done` are done, counted anew. */
function memoryOf(columns: Columns, done: readonly Step[], under: readonly Step[]): number[] {
  const used = Array.from({ length: columns.hosts }, () => 0);
  const at = [...columns.vmHost];
  for (const step of done) if ('to' in step) at[step.vm] = step.to;
  for (const [vm, host] of at.entries()) if (host >= 0) used[host]! += columns.demand[vm * WIDTH + MEMORY]!;
  for (const step of under) if ('to' in step) used[step.to]! += columns.demand[step.vm * WIDTH + MEMORY]!;
  return used;
}
const exceeds = (columns: Columns, used: readonly number[]): boolean =>
  used.some((amount, host) => amount > columns.capacity[host * WIDTH + MEMORY]!);

/** Hosts with room for what is on them and a little more; any targets. */
const plans = fc
  .record({
    hosts: fc.integer({ min: 2, max: 5 }),
    vms: fc.array(fc.record({ on: fc.nat(), to: fc.nat(), size: fc.integer({ min: 1, max: 5 }), site: fc.nat(1) }), {
      maxLength: 10
    }),
    spare: fc.array(fc.nat(6), { minLength: 5, maxLength: 5 })
  })
  .map(({ hosts, vms, spare }) => {
    const all = vms.map(({ on, to, size }) => ({ on: on % hosts, to: to % hosts, size }));
    const room = Array.from({ length: hosts }, (_, host) => {
      const held = all.filter(({ on }) => on === host).reduce((sum, { size }) => sum + size, 0);
      return { room: memory(held + spare[host]!), site: host % 2 };
    });
    const columns = someColumns(
      room,
      all.map(({ on, size }) => ({ on, needs: memory(size) }))
    );
    return { columns, moves: all.map(({ to }, vm) => ({ vm, host: to })) };
  });

describe('the order of a plan', () => {
  it('never holds more than there is, by its own times', () => {
    fc.assert(
      fc.property(plans, ({ columns, moves }) => {
        const { steps } = order(columns, moves);
        for (const { begins } of steps) {
          const done = steps.filter((step) => step.ends <= begins);
          const under = steps.filter((step) => step.begins <= begins && step.ends > begins);
          expect(exceeds(columns, memoryOf(columns, done, under))).toBe(false);
        }
      })
    );
  });

  it('never does so either when steps take other times, as long as each waits for those it names', () => {
    fc.assert(
      fc.property(plans, fc.infiniteStream(fc.nat()), ({ columns, moves }, choices) => {
        const { steps } = order(columns, moves);
        const done: number[] = [];
        const under: number[] = [];
        while (done.length < steps.length) {
          const may = steps.flatMap(({ after }, index) =>
            !done.includes(index) && !under.includes(index) && after.every((step) => done.includes(step)) ? [index] : []
          );
          const choice = choices.next().value as number;
          const pick = choice % (may.length + under.length);
          const ended = under.splice(pick < may.length ? under.length : pick - may.length, 1);
          done.push(...ended);
          if (pick < may.length) under.push(may[pick]!);
          const stepsOf = (indices: readonly number[]) => indices.map((index) => steps[index]!);
          expect(exceeds(columns, memoryOf(columns, stepsOf(done), stepsOf(under)))).toBe(false);
        }
      })
    );
  });

  it('takes every VM where it is wanted, or says that and why it cannot', () => {
    fc.assert(
      fc.property(plans, ({ columns, moves }) => {
        const { steps, blocked } = order(columns, moves);
        const at = [...columns.vmHost];
        for (const step of steps) {
          if (step.kind !== 'move') continue;
          expect(step.from).toBe(at[step.vm]);
          at[step.vm] = step.to;
        }
        for (const { vm, host } of moves) {
          const stuck = blocked.find((one) => one.vm === vm);
          if (stuck === undefined) expect(at[vm]).toBe(host);
          else expect(readReason(stuck.reason)).toEqual(stuck.reason);
        }
      })
    );
  });

  it('breaks a circle by a detour, the cheapest', () => {
    const columns = someColumns(
      [{ room: memory(4) }, { room: memory(4) }, { room: memory(4) }],
      [
        { on: 0, needs: memory(4), mib: 9 },
        { on: 1, needs: memory(4), mib: 5 }
      ]
    );
    const moves = [
      { vm: 0, host: 1 },
      { vm: 1, host: 0 }
    ];
    const { steps, blocked } = order(columns, moves);
    expect(blocked).toEqual([]);
    expect(steps.map((step) => step.kind === 'move' && [step.vm, step.to, step.detour, step.after])).toEqual([
      [1, 2, true, []],
      [0, 1, false, [0]],
      [1, 0, false, [0, 1]]
    ]);
  });

  it('reports a circle that nothing breaks', () => {
    const columns = someColumns(
      [{ room: memory(4) }, { room: memory(4) }],
      [
        { on: 0, needs: memory(4) },
        { on: 1, needs: memory(4) }
      ]
    );
    const { steps, blocked } = order(columns, [
      { vm: 0, host: 1 },
      { vm: 1, host: 0 }
    ]);
    expect(steps).toEqual([]);
    expect(blocked).toEqual([
      { vm: 0, host: 1, reason: { kind: 'lacks', resource: 'memory', amount: 4, meanwhile: false } },
      { vm: 1, host: 0, reason: { kind: 'lacks', resource: 'memory', amount: 4, meanwhile: false } }
    ]);
  });

  it('keeps the limits of hosts and of lines between sites', () => {
    const columns = someColumns(
      [{}, {}, { site: 1 }, { site: 1 }, { site: 1 }, { site: 1 }],
      Array.from({ length: 6 }, (_, vm) => ({ on: vm % 2, mib: 100 }))
    );
    const moves = Array.from({ length: 6 }, (_, vm) => ({ vm, host: 2 + (vm % 4) }));
    const { steps } = order(columns, moves, new Map(), { ...DEFAULT_ORDER, perHost: 2, perLink: 3 });
    const atOnce = (of: (step: Step) => boolean) =>
      Math.max(
        ...steps.map(({ begins }) => steps.filter((one) => of(one) && one.begins <= begins && one.ends > begins).length)
      );
    expect(atOnce(() => true)).toBe(3);
    expect(atOnce((step) => step.kind === 'move' && step.from === 0)).toBe(2);
  });

  it('waits for a VM that has to be apart to have gone', () => {
    const apart = { kind: 'apart', name: 'web', vms: Int32Array.of(0, 1) } as const;
    const columns = someColumns([{}, {}, {}], [{ on: 0 }, { on: 1 }], [apart]);
    const { steps } = order(columns, [
      { vm: 0, host: 1 },
      { vm: 1, host: 2 }
    ]);
    expect(steps.map(({ vm, after }) => [vm, after])).toEqual([
      [1, []],
      [0, [0]]
    ]);
  });

  it('shrinks first and grows last', () => {
    const columns = someColumns(
      [{ room: memory(15) }, { room: memory(15) }],
      [
        { on: 0, needs: memory(2) },
        { on: 0, needs: memory(8) },
        { on: 1, needs: memory(5) }
      ]
    );
    const before = new Map([
      [0, { vcpus: 0, memory: 6 }],
      [1, { vcpus: 0, memory: 4 }]
    ]);
    const { steps, blocked } = order(columns, [{ vm: 2, host: 0 }], before);
    expect(blocked).toEqual([]);
    expect(steps.map(({ kind, vm }) => [kind, vm])).toEqual([
      ['resize', 0],
      ['move', 2],
      ['resize', 1]
    ]);
  });

  it('takes from VMs first and gives last, where they are in the end', () => {
    const columns = someColumns(
      [{}, {}],
      [
        { on: 0, share: [256, 200, 100, 0] },
        { on: 0, share: [256, 0, 100, 0] },
        { on: 0, share: [256, 0, 100, 0] },
        { on: 0 }
      ]
    );
    const shares = [
      { vm: 0, weight: 256, cap: null },
      { vm: 1, weight: 256, cap: 100 },
      { vm: 2, weight: 256, cap: 150 }
    ];
    const moves = [
      { vm: 2, host: 1 },
      { vm: 3, host: 1 }
    ];
    const { steps, blocked } = order(columns, moves, new Map(), DEFAULT_ORDER, shares);
    expect(blocked).toEqual([]);
    expect(steps.map(({ kind, vm, after, ...step }) => [kind, vm, 'on' in step ? step.on : step.to, after])).toEqual([
      ['share', 1, 0, []],
      ['move', 2, 1, []],
      ['move', 3, 1, []],
      ['share', 0, 0, [1, 2, 0]],
      ['share', 2, 1, [1]]
    ]);
    for (const { begins, ends, after } of steps) {
      expect(ends).toBeGreaterThan(begins);
      for (const before of after) expect(begins).toBeGreaterThanOrEqual(steps[before]!.ends);
    }
  });

  it('gives no share to a VM that does not arrive', () => {
    const columns = someColumns([{}, { flags: 0 }], [{ on: 0, share: [256, 0, 100, 0] }]);
    const { steps, blocked } = order(columns, [{ vm: 0, host: 1 }], new Map(), DEFAULT_ORDER, [
      { vm: 0, weight: 256, cap: 100 }
    ]);
    expect(steps).toEqual([]);
    expect(blocked.map(({ reason }) => reason.kind)).toEqual(['host-closed', 'not-there-yet']);
  });

  it('places new VMs, and nothing on a host in maintenance', () => {
    const columns = someColumns([{}, { flags: HOST_ONLINE | HOST_MAINTENANCE }], [{ on: -1 }, { on: -1 }]);
    const { steps, blocked } = order(columns, [
      { vm: 0, host: 0 },
      { vm: 1, host: 1 }
    ]);
    expect(steps).toMatchObject([{ kind: 'place', vm: 0, to: 0 }]);
    expect(blocked).toEqual([{ vm: 1, host: 1, reason: { kind: 'host-closed' } }]);
  });
});
