import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printPlanNote, readPlanNote } from './note.ts';

const plans = fc.stringMatching(/^[0-9a-f]{16}$/);

test('a note says plan, step and name, however long that is, within what the wire carries', () => {
  fc.assert(
    fc.property(plans, fc.nat({ max: 99_999 }), fc.string({ unit: 'grapheme', maxLength: 300 }), (plan, step, name) => {
      const note = printPlanNote({ plan, step, name });
      expect(note.length).toBeLessThanOrEqual(200);
      const read = readPlanNote(note);
      expect(read).toMatchObject({ plan, step });
      expect(name.startsWith(read?.name ?? 'x')).toBe(true);
      if (name.length < 160) expect(read?.name).toBe(name);
    })
  );
  expect(printPlanNote({ plan: '0123456789abcdef', step: 2, name: 'Rebalance' })).toBe(
    'plan 0123456789abcdef, step 3: Rebalance'
  );
});

test('what somebody else noted is no note of a plan', () => {
  for (const note of [
    null,
    '',
    'plan 12, step 1: x',
    'plan 0123456789abcdef, step 0: x',
    ' plan 0123456789abcdef, step 1: x'
  ])
    expect(readPlanNote(note)).toBeNull();
});
