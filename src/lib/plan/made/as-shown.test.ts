import { expect, test } from 'vitest';
import { asShown } from './as-shown.ts';
import type { PlannedStep } from './planned-step.ts';

const move = (vm: string, host: string, mib: number, begins: number, takes: number): PlannedStep => ({
  ...{ kind: 'move', vm, name: vm, from: 'a', fromName: 'a', host, hostName: host, vcpus: 1, memory: 512 },
  ...{ wasVcpus: 0, wasMemory: 0, share: null, mib, detour: false, begins, takes, after: [] }
});
const shown = [move('v', 'b', 512, 0, 8), move('w', 'c', 256, 0, 5)];

test('what is copied, and how long that takes, is approved as it was shown, though guests use less memory by now', () => {
  expect(asShown(shown, [move('v', 'b', 376, 0, 6), move('w', 'c', 200, 0, 4)])).toBe(shown);
});

test('another order that follows from those figures is no other plan', () => {
  expect(asShown(shown, [move('w', 'c', 256, 0, 5), move('v', 'b', 100, 5, 2)])).toBe(shown);
});

test('where something else has to be done now, that is approved', () => {
  const elsewhere = [move('v', 'c', 512, 0, 8), shown[1]!];
  const grown = [{ ...shown[0]!, memory: 1024 }, shown[1]!];
  for (const now of [elsewhere, grown, [shown[0]!], [], [shown[0]!, shown[0]!]]) expect(asShown(shown, now)).toBe(now);
});
