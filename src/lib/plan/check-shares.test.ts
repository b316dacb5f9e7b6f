import { describe, expect, it } from 'vitest';
import { someColumns } from '../../../tests/support/some-columns.ts';
import { en } from '../messages/en.ts';
import { reasonWords } from '../messages/reason-words.ts';
import { HOST_ONLINE, HOST_SHARES, VM_MOVABLE } from '../plugin/columns.ts';
import type { Share } from '../plugin/scheduler.ts';
import { checkShares } from './check-shares.ts';

const ABLE = { flags: HOST_ONLINE | HOST_SHARES };
const TWO_CPUS = [2, 1, 0, 900];
const columns = someColumns(
  [ABLE, { flags: HOST_ONLINE }, ABLE],
  [
    { on: 0, needs: TWO_CPUS, share: [256, 0, 100, 900] },
    { on: 0, needs: TWO_CPUS, share: [256, 0, 0, 900] },
    { on: 0, flags: VM_MOVABLE, share: [256, 0, 100, 900] },
    { on: 1, needs: TWO_CPUS, share: [256, 0, 100, 900] },
    { on: 0, needs: TWO_CPUS, share: [0, 0, 100, 900] }
  ]
);
const reasons = (moves: Parameters<typeof checkShares>[1], ...shares: Share[]): readonly string[] =>
  checkShares(columns, moves, shares).map(({ reason }) => reasonWords(en, reason).replaceAll('\u00a0', ' '));
const cap = (vm: number, of: number | null = 150, weight = 256): Share => ({ vm, weight, cap: of });

describe('the oracle of shares', () => {
  it.each([[100], [200], [null]])('lets a VM that yields have what its tags leave it: %s', (of) => {
    expect(reasons([], cap(0, of))).toEqual([]);
  });

  it.each([
    ['there is no VM 9', cap(9)],
    ['there is no VM 0.5', cap(0.5)],
    ['its tags do not say yields, and no plan changes its CPU share', cap(1)],
    ['the VM does not run, and a plan changes CPU shares of running ones', cap(2)],
    ['the host cannot change the CPU share of a running VM', cap(3)],
    ['the host cannot change the CPU share of a running VM', cap(4)],
    ['its cap may be 100 % to 200 %', cap(0, 99)],
    ['its cap may be 100 % to 200 %', cap(0, 201)],
    ['its cap may be 100 % to 200 %', cap(0, 150.5)],
    ['its cap may be 100 % to 200 %', cap(0, NaN)],
    ['the weight of a CPU share is 1 to 65535', cap(0, null, 0)],
    ['the weight of a CPU share is 1 to 65535', cap(0, null, 65_536)]
  ])('says %s', (reason, share) => {
    expect(reasons([], share)).toEqual([reason]);
  });

  it('lets a VM have one share', () => {
    expect(reasons([], cap(0), cap(0, null))).toEqual(['the VM gets two CPU shares']);
  });

  it('asks of the host where the VM is in the end', () => {
    expect(reasons([{ vm: 0, host: 1 }], cap(0))).toEqual(['the host cannot change the CPU share of a running VM']);
    expect(reasons([{ vm: 3, host: 2 }], cap(3))).toEqual([]);
  });
});
