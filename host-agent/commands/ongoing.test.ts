import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROGRESS_STAGES } from '../../src/lib/model/fleet.ts';
import type { Progress } from '../../src/lib/model/fleet.ts';
import { commandId, hostId, operatorKey } from '../../src/lib/model/ids.ts';
import { millis } from '../../src/lib/model/units.ts';
import type { Command } from '../../src/lib/protocol/schema.ts';
import { Ongoing } from './ongoing.ts';

/** A point of nobody. */
const KEY = operatorKey(Buffer.concat([Buffer.from([4]), Buffer.alloc(64)]).toString('base64url'));
const command: Command = {
  id: commandId(randomUUID()),
  op: 'operator.list',
  host: hostId('h'),
  notAfter: millis(0),
  expect: null,
  note: null,
  args: {}
};

test('within a stage nothing that is told falls, and each stage begins with its own share', () => {
  const word = fc.tuple(
    fc.constantFrom(...PROGRESS_STAGES.slice(0, 3)),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true }))
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      const told: Progress[] = [];
      let now = 0;
      const ongoing = new Ongoing(
        command,
        KEY,
        (progress) => void told.push(progress),
        () => (now += 1_000)
      );
      for (const [stage, share] of words) {
        const before = ongoing.last;
        ongoing.progress(stage, share);
        const percent = ongoing.last?.percent ?? null;
        const said = share === null ? null : Math.floor(100 * share);
        if (before?.stage !== stage || said === null) expect(percent).toBe(said);
        else expect(percent).toBe(Math.max(said, before.percent ?? 0));
      }
      expect(told.at(-1) ?? null).toEqual(ongoing.last);
    })
  );
});
